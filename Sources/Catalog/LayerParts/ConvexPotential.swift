import BoundAlgebra
import ModelIR
import TensorGraph

/// What `cpl` and `sll` share: y = x − 2·Mᵀσ(M x + b) with σ the rectifier, a step along the gradient of a convex
/// function, for a matrix M [h, D] that a parametrization forms.
///
/// Where it is differentiable, the derivative is I − 2·MᵀSM with a diagonal S between 0 and 1. Since
/// 0 ≼ MᵀSM ≼ ‖M‖²I, it is symmetric with eigenvalues between 1 − 2‖M‖² and 1. So the constant is
/// max(1, 2‖M‖² − 1), and 1 if ‖M‖ ≤ 1.
struct ConvexPotential {
  private let units: Int
  private let method: MatrixNormWord
  private let parametrization: any Parametrization

  init(from reader: inout ConfigReader, _ parametrization: any Parametrization) {
    units = reader.read("units", "the number h of rows of M", .range(1...(1 << 24)))
    method = reader.read(MatrixNormWord.key)
    self.parametrization = parametrization
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    guard shape.count == 1 else {
      throw ShapeFault("needs a vector [features], found \(shape)", help: "put 'flatten' before it")
    }
    return shape
  }

  func formedWeight(for inputs: [[Int]]) -> FormedWeight {
    FormedWeight(parametrization, of: FilterMap(rows: units, columns: inputs[0][0]))
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let features = inputs[0][0]
    return [
      ParameterDeclaration("weight", [units, features], .weight, .lecun(fanIn: features)),
      ParameterDeclaration("bias", [units], .bias, .constant(0)),
    ]
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let form = LinearOperator.Form.dense(
      weight: context.parameter("weight"), inputs: context.inputs[0][0], outputs: units)
    let matrix = LinearOperator(
      name: context.name, form: form, method: method.method,
      constraint: formedWeight(for: context.inputs).constraint)
    return .constant(.gradientStep(matrix.norm), of: [matrix])
  }

  /// x − 2·σ(x Mᵀ + b) M.
  func lower(_ context: LoweringContext) -> Tensor {
    let weight = context.factor(context.parameter("weight"))
    let x = context.input
    let z = context.factor(x).dot(weight, transposeRight: true)
    let active = max(z + context.parameter("bias").broadcast(like: z, axes: [1]), 0)
    return x - context.factor(active).dot(weight) * 2
  }
}

/// A layer that is a ``ConvexPotential``; a conforming file names the parametrization, the rest follows.
protocol ConvexPotentialLayer: Layer {
  var block: ConvexPotential { get }
}

extension ConvexPotentialLayer {
  static var mainKey: String? { "units" }
  static var examples: [LayerExample] {
    [LayerExample("{units: 3}", inputs: [[4]]), LayerExample("{units: 5}", inputs: [[3]])]
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try block.outputShape(of: inputs)
  }
  func formedWeight(for inputs: [[Int]]) -> FormedWeight? { block.formedWeight(for: inputs) }
  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { block.parameters(for: inputs) }
  func bound(in context: LayerBoundContext) -> LayerBound { block.bound(in: context) }
  func lower(_ context: LoweringContext) -> Tensor { block.lower(context) }
}
