import Diagnostics
import TensorGraph

/// Where the values of a graph come from, as far as that follows from its inputs.
///
/// What reads an input directly has the input's place. Other values have the place that their operands share;
/// operands without one do not count.
struct ValuePlaces {
  private var places: [Span?] = []

  init(_ graph: Graph) {
    let inputs = Dictionary(uniqueKeysWithValues: graph.inputs.map { ($0.value, $0.place) })
    for (index, node) in graph.nodes.enumerated() {
      if node.operation.isInput {
        places.append(inputs[Value(index)] ?? nil)
        continue
      }
      let direct = node.operands.filter { graph[$0].operation.isInput }
      places.append(shared(by: direct) ?? shared(by: node.operands))
    }
  }

  subscript(value: Value) -> Span? { places[value.index] }

  private func shared(by values: [Value]) -> Span? {
    let known = Set(values.compactMap { places[$0.index] })
    return known.count == 1 ? known.first : nil
  }
}

extension Operation {
  fileprivate var isInput: Bool {
    if case .input = self { return true }
    return false
  }
}

extension Span {
  /// `"spec.yaml":12:3`.
  var location: String { "\(quoted(file.path)):\(line):\(column)" }
}
