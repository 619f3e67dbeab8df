import CPUBackend
import TensorGraph
import Testing

@testable import RoundingAnalysis

/// What the engine computes lies within the analyzed errors of the exact values, for every example of
/// every layer.
struct RoundingTests {
  /// Families of weights and inputs.
  enum Family: String, CaseIterable {
    /// About 1.
    case usual
    /// About 2⁴⁰.
    case huge
    /// About 2⁻⁴⁰.
    case tiny
    /// Weights below the normal numbers.
    case subnormal
    /// Magnitudes from 2⁻³⁰ to 2³⁰.
    case mixed
    /// Sums that nearly vanish.
    case cancelling

    func elements(_ count: Int, _ seed: UInt64, _ name: String, isInput: Bool) -> [Float] {
      let draw = Draw(seed: seed, name).centered(count, scale: 1)
      let exponents = Draw(seed: seed, name + "e").centered(count, scale: 30)
      return draw.indices.map { index in
        switch self {
        case .usual: Float(draw[index])
        case .huge: Float(draw[index] * 0x1p40)
        case .tiny: Float(draw[index] * 0x1p-40)
        case .subnormal: Float(isInput ? draw[index] : draw[index] * 0x1p-128)
        case .mixed:
          Float(draw[index]) * Float(sign: .plus, exponent: Int(exponents[index]), significand: 1)
        case .cancelling:
          index % 2 == 0 || isInput ? Float(1 + draw[index] * 0x1p-12) : -1
        }
      }
    }
  }

  @Test(arguments: LayerCase.all, Family.allCases)
  func theEngineStaysWithinTheErrors(_ item: LayerCase, _ family: Family) throws {
    let graph = item.graph().simplified()
    var weights: [String: [Float]] = [:]
    for parameter in item.parameters {
      let name = "layer.\(parameter.name)"
      let count = parameter.shape.reduce(1, *)
      weights[name] =
        parameter.name == "running_var"
        ? family.elements(count, 3, name, isInput: false).map { abs($0) }
        : family.elements(count, 3, name, isInput: false)
    }
    let evaluator = RoundingEvaluator(graph, fed: "x", output: "y") { weights[$0]! }
    for threads in [1, 2] {
      let engine = try CPUBackend(threads: threads).compile(graph)
      for (name, elements) in weights {
        engine.write(name, HostTensor([elements.count], elements))
      }
      for seed in 0..<3 as Range<UInt64> {
        let x = family.elements(item.inputCount, seed, "x", isInput: true)
        engine.write("x", HostTensor([x.count], x))
        try engine.execute()
        let result = evaluator.evaluate([x[...]], radii: [.zero])[0]
        for (index, found) in engine.read("y").elements.enumerated() {
          let error = result.error[index].value
          #expect(
            (result.lower[index] - error).nextDown <= Double(found)
              && Double(found) <= (result.upper[index] + error).nextUp || error == .infinity,
            "\(found) is not within \(error) of [\(result.lower[index]), \(result.upper[index])]")
          if family == .usual { #expect(error < 1e-4) }
        }
      }
    }
  }
}
