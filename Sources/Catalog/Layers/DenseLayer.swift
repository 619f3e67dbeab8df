import ModelIR
import TensorGraph

/// Affine map of a vector: y = W x + b.
///
/// - Shapes: [D] → [K]; `weight` [K, D], `bias` [K].
/// - Bound: ‖y − y′‖₂ ≤ σ₁(W) ‖x − x′‖₂, exact for the operator; the bias drops out. How far the
///   printed number exceeds σ₁ depends on the norm method. A parametrization bounds σ₁ for every
///   weight before training.
/// - Cost: 2·D·K operations per sample, K·(D + 1) parameters.
/// - Reference: Tsuzuku, Sato, Sugiyama 2018, theorem 1.
struct DenseLayer: Layer {
  static let kind = "dense"
  static let mainKey: String? = "units"
  static let examples = [
    LayerExample("{units: 3}", inputs: [[4]]),
    LayerExample("{units: 6, bias: false, init: orthogonal}", inputs: [[2]]),
    LayerExample("{units: 3, parametrization: orthogonal}", inputs: [[4]]),
    LayerExample("{units: 5, parametrization: {bjorck: {iterations: 9}}}", inputs: [[5]]),
    LayerExample("{units: 1, init: glorot, bound: gram}", inputs: [[5]]),
  ]

  private let units: Int
  private let hasBias: Bool
  private let initializer: InitializerWord
  private let method: MatrixNormWord
  private let parametrization: (any Parametrization)?

  init(from reader: inout ConfigReader) {
    units = reader.read("units", "the number K of outputs", .range(1...(1 << 24)))
    hasBias = reader.read(.bias)
    initializer = reader.read(InitializerWord.key)
    method = reader.read(MatrixNormWord.key)
    parametrization = reader.readParametrization()
    reader.requireInitializer(initializer, parametrization)
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    guard shape.count == 1 else {
      throw ShapeFault("needs a vector [features], found \(shape)", help: "put 'flatten' before it")
    }
    try formedWeight(for: inputs)?.check()
    return [units]
  }

  func formedWeight(for inputs: [[Int]]) -> FormedWeight? {
    parametrization.map { FormedWeight($0, of: FilterMap(rows: units, columns: inputs[0][0])) }
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let features = inputs[0][0]
    let weight = ParameterDeclaration(
      "weight", [units, features], .weight,
      initializer.initializer(fanIn: features, fanOut: units))
    let bias = ParameterDeclaration("bias", [units], .bias, .constant(0))
    return hasBias ? [weight, bias] : [weight]
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let form = LinearOperator.Form.dense(
      weight: context.parameter("weight"), inputs: context.inputs[0][0], outputs: units)
    return .linear(
      LinearOperator(
        name: context.name, form: form, method: method.method,
        constraint: formedWeight(for: context.inputs)?.constraint))
  }

  /// x Wᵀ + b.
  func lower(_ context: LoweringContext) -> Tensor {
    let weight = context.factor(context.parameter("weight"))
    let y = context.factor(context.input).dot(weight, transposeRight: true)
    return hasBias ? y + context.parameter("bias").broadcast(like: y, axes: [1]) : y
  }
}
