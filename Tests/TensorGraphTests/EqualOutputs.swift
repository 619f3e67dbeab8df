import TensorGraph
import Testing

/// Expects a rewritten graph to be valid and to give the outputs of the original one, up to rounding, for
/// inputs that differ everywhere.
func expectEqualOutputs(
  _ rewritten: Graph, _ original: Graph, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(rewritten.verify().isEmpty, sourceLocation: sourceLocation)
  var inputs: [String: [Double]] = [:]
  for (index, input) in original.inputs.enumerated() {
    inputs[input.name] = (0..<original[input.value].type.count).map {
      Double(($0 * 7 + index * 3) % 11) - 4.5
    }
  }
  let wanted = ReferenceEvaluator(original).evaluate(inputs)
  let found = ReferenceEvaluator(rewritten).evaluate(inputs)
  #expect(Set(found.keys) == Set(wanted.keys), sourceLocation: sourceLocation)
  for (name, numbers) in wanted {
    let other = found[name] ?? []
    let areEqual =
      other.count == numbers.count && zip(numbers, other).allSatisfy { abs($0 - $1) < 1e-9 }
    #expect(areEqual, "\(name) is \(other), not \(numbers)", sourceLocation: sourceLocation)
  }
}
