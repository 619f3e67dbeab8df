import BoundAlgebra
import Enclosure
import ModelIR
import Testing

@testable import Catalog
@testable import LipschitzBounds

/// Parameters that have broken bounds before.
enum ParameterFamily: CaseIterable, Sendable {
  case zero, ones, checkerboard, oneHuge, oneOnly, subnormal, tiny, huge, cancelling, mixed

  /// A parameter's elements; those of a variance are not negative.
  func elements(_ count: Int, _ name: String, seed: UInt64) -> [Float] {
    let draw = Draw(seed: seed, name).centered(count, scale: 1)
    let exponents = Draw(seed: seed, name + "e").centered(count, scale: 20)
    let elements = draw.indices.map { element(draw[$0], exponents[$0], $0) }
    return name.hasSuffix("running_var") ? elements.map(\.magnitude) : elements
  }

  private func element(_ draw: Double, _ exponent: Double, _ index: Int) -> Float {
    switch self {
    case .zero: 0
    case .ones: 1
    case .checkerboard: index.isMultiple(of: 2) ? 1 : -1
    case .oneHuge: index == 0 ? 1e20 : Float(draw)
    case .oneOnly: index == 1 ? -2.5 : 0
    case .subnormal: Float(draw * 1e-42)
    case .tiny: Float(draw * 1e-30)
    case .huge: Float(draw * 1e30)
    case .cancelling: Float(index.isMultiple(of: 2) ? 1 + draw * 0x1p-20 : -1)
    case .mixed: Float(draw) * Float(sign: .plus, exponent: Int(exponent), significand: 1)
    }
  }
}

extension LayerCase {
  /// Shapes at the edges of what the layers allow, beside every layer's examples.
  static let nasty =
    all + [
      // A filter larger than what it sees of the image, strides past the filter, holes, single channels.
      LayerCase(Conv2DLayer.self, "{filters: 2, kernel: 3, padding: 2}", inputs: [[1, 1, 2]]),
      LayerCase(Conv2DLayer.self, "{filters: 3, kernel: 2, stride: 3}", inputs: [[2, 5, 6]]),
      LayerCase(
        Conv2DLayer.self, "{filters: 2, kernel: [3, 1], dilation: [2, 1], padding: [3, 0]}",
        inputs: [[2, 4, 3]]),
      LayerCase(
        Conv2DLayer.self, "{filters: 4, kernel: 3, groups: 4, stride: 2, padding: same}",
        inputs: [[4, 4, 5]]),
      LayerCase(Conv1DLayer.self, "{filters: 2, kernel: 2, stride: 4}", inputs: [[3, 7]]),
      LayerCase(Conv1DLayer.self, "{filters: 1, kernel: 5, padding: 4}", inputs: [[2, 2]]),
      LayerCase(DepthwiseLayer.self, "{kernel: 2, dilation: 3, padding: 2}", inputs: [[3, 4, 3]]),
      LayerCase(
        ConvTransposeLayer.self, "{filters: 2, kernel: 2, stride: 3}", inputs: [[2, 2, 3]]),
      LayerCase(
        ConvTransposeLayer.self,
        "{filters: 4, kernel: 3, stride: 2, padding: 1, output_padding: 1, groups: 2}",
        inputs: [[2, 2, 2]]),
      LayerCase(DenseLayer.self, "1", inputs: [[9]]),
      LayerCase(DenseLayer.self, "9", inputs: [[1]]),
      // Windows that overlap, hang over the edge, or skip.
      LayerCase(MaxPoolLayer.self, "{kernel: 4, stride: 3, padding: 2}", inputs: [[1, 5, 4]]),
      LayerCase(AvgPoolLayer.self, "{kernel: 3, stride: 1, padding: 1}", inputs: [[2, 2, 4]]),
      LayerCase(LPPoolLayer.self, "{kernel: 3, stride: 1, padding: 1}", inputs: [[1, 4, 3]]),
      LayerCase(LPPoolLayer.self, "{kernel: 2, stride: 3, p: 1}", inputs: [[2, 5, 5]]),
      // Hardly any variance, hardly any ε.
      LayerCase(BatchNormLayer.self, "{epsilon: 1e-30}", inputs: [[4, 2]]),
      LayerCase(LayerNormLayer.self, "{epsilon: 1e-4}", inputs: [[2, 3, 2]]),
      LayerCase(GroupNormLayer.self, "{groups: 3, epsilon: 1e-4}", inputs: [[6, 2]]),
      LayerCase(InstanceNormLayer.self, "{epsilon: 1e-4, affine: true}", inputs: [[2, 3, 3]]),
      LayerCase(PReLULayer.self, "{shared: true}", inputs: [[2, 3]]),
      LayerCase(SoftmaxLayer.self, "", inputs: [[7]]),
    ]

  /// What the norms' methods guarantee for the layer with given parameters, of all inputs side by side; from
  /// below only for a single operator.
  ///
  /// - Parameter method: the method for operators; each layer's own choice if nil.
  func guarantee(
    _ weights: [String: [Float]], method: String? = nil
  ) -> (upper: UpperBound, lower: LowerBound?) {
    func norms(_ maps: [LinearOperator]) -> OperatorNorms {
      let asking = maps.map { LinearOperator(name: $0.name, form: $0.form, method: method) }
      return OperatorNorms(operators: asking) { weights[$0] ?? [] }
    }
    switch bound {
    case .linear(let map):
      let norm = norms([map])[NormSymbol(map.name)]
      return (norm.upper, norm.lower)
    case .elementwise(let slopes): return (max(slopes.negative.upper, slopes.positive.upper), nil)
    case .constant(let expression, let maps): return (expression.evaluate(norms(maps).upper), nil)
    case .addition: return (UpperBound(proven: Double(shapes.count)).squareRoot(), nil)
    case .concatenation, .comparisons: return (.one, nil)
    case .unbounded: return (.infinity, nil)
    }
  }
}

/// No pair of inputs and no derivative exceeds what is guaranteed, whatever the parameters.
struct NastyLayerTests {
  /// A family's parameters, as stored and as the reference evaluator takes them.
  private func parameters(
    _ item: LayerCase, _ family: ParameterFamily
  ) -> (stored: [String: [Float]], values: [String: [Double]]) {
    var stored: [String: [Float]] = [:]
    for parameter in item.parameters {
      let name = "layer.\(parameter.name)"
      stored[name] = family.elements(parameter.shape.reduce(1, *), name, seed: 5)
    }
    return (stored, stored.mapValues { $0.map(Double.init) })
  }

  @Test(arguments: LayerCase.nasty)
  func nothingExceedsTheGuarantee(_ item: LayerCase) {
    let probe = LipschitzProbe(item.graph(batch: 1))
    let families = item.parameters.isEmpty ? [.ones] : ParameterFamily.allCases
    for family in families {
      let (stored, values) = parameters(item, family)
      let ratio = probe.largestRatio(parameters: values, seed: 2)
      var methods: [String?] = [nil]
      if case .linear = item.bound { methods += ["cholesky", "gram", "fourier"] }
      for method in methods {
        let (upper, lower) = item.guarantee(stored, method: method)
        let name = "\(family), \(method ?? "own choice")"
        #expect(ratio <= upper.value * (1 + LayerTests.rounding), "\(name): \(ratio)")
        guard let lower, method != "fourier" else { continue }
        // The methods that are exact are so for these parameters too.
        #expect(lower.value <= upper.value && upper.value <= lower.value * (1 + 1e-6), "\(name)")
      }
    }
  }
}
