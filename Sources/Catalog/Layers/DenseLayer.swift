import ModelIR
import TensorGraph

/// Affine map of a vector: y = W x + b.
///
/// - Shapes: [D] → [K]; `weight` [K, D], `bias` [K].
/// - Bound: ‖y − y′‖₂ ≤ σ₁(W) ‖x − x′‖₂, exact for the operator; the bias drops out. How far the
///   printed number lies above σ₁ is the norm method's matter.
/// - Cost: 2·D·K operations a sample, K·(D + 1) parameters.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 1.
public struct DenseLayer: Layer {
  private enum Keys {
    static let units = SpecKey<Int>(
      "units", "the number K of outputs",
      .init("at least 1 and at most 2^24") {
        (1...(1 << 24)).contains($0)
      })
    static let bias = SpecKey<Bool>("bias", default: true, "whether b is there")
  }

  /// The name in a spec.
  public static let kind = "dense"
  /// The keys.
  public static let keys = [
    Keys.units.description, Keys.bias.description, InitializerWord.key.description,
    MatrixNormWord.key.description,
  ]
  /// `dense: 10`.
  public static let mainKey: String? = "units"
  /// Cases for the generic tests.
  public static let examples = [
    LayerExample("{units: 3}", inputs: [[4]]),
    LayerExample("{units: 6, bias: false, init: orthogonal}", inputs: [[2]]),
    LayerExample("{units: 1, init: glorot, bound: gram}", inputs: [[5]]),
  ]

  private let units: Int
  private let hasBias: Bool
  private let initializer: InitializerWord
  private let method: MatrixNormWord

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    let units = reader.read(Keys.units)
    let bias = reader.read(Keys.bias)
    let initializer = reader.read(InitializerWord.key)
    let method = reader.read(MatrixNormWord.key)
    guard let units, let bias, let initializer, let method else { return nil }
    self.units = units
    self.hasBias = bias
    self.initializer = initializer
    self.method = method
  }

  /// [K] for a vector.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    guard shape.count == 1 else {
      throw ShapeFault("needs a vector [features], found \(shape)", help: "put 'flatten' before it")
    }
    return [units]
  }

  /// W and b.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let features = inputs[0][0]
    let weight = ParameterDeclaration(
      "weight", [units, features], .weight,
      initializer.initializer(fanIn: features, fanOut: units))
    return hasBias
      ? [weight, ParameterDeclaration("bias", [units], .bias, .constant(0))] : [weight]
  }

  /// σ₁(W).
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(
      LinearOperator(
        name: context.name,
        form: .dense(
          weight: context.parameter("weight"), inputs: context.inputs[0][0], outputs: units),
        method: method.method))
  }

  /// x Wᵀ + b.
  public func lower(_ context: inout LoweringContext) -> Value {
    let weight = context.parameter("weight")
    let y = context.builder.dot(context.inputs[0], weight, transposeRight: true)
    guard hasBias else { return y }
    let shape = context.builder.shape(y)
    let bias = context.builder.broadcast(context.parameter("bias"), to: shape, axes: [1])
    return context.builder.add(y, bias)
  }
}
