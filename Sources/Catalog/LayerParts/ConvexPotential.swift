import BoundAlgebra
import ModelIR
import TensorGraph

/// What `cpl` and `sll` share: y = x − 2·Mᵀσ(M x + b) with σ the rectifier, a step along the gradient of a convex
/// function, for a linear map M that a parametrization forms: a matrix [h, D], or the convolution of an image with h
/// filters, zeros around it, whose adjoint Mᵀ gives an image of the same size.
///
/// Where it is differentiable, the derivative is I − 2·MᵀSM with a diagonal S between 0 and 1. Since
/// 0 ≼ MᵀSM ≼ ‖M‖²I, it is symmetric with eigenvalues between 1 − 2‖M‖² and 1. So the constant is
/// max(1, 2‖M‖² − 1), and 1 if ‖M‖ ≤ 1.
struct ConvexPotential {
  private let units: Int
  /// Of M's filters; nil for a matrix.
  private let kernel: PairValue?
  private let method: MatrixNormWord
  private let parametrization: any Parametrization

  init(from reader: inout ConfigReader, _ parametrization: any Parametrization) {
    units = reader.read("units", "the number h of rows or filters of M", .range(1...(1 << 24)))
    kernel = reader.readIfPresent(
      SpecKey("kernel", "the extent of M's filters, for images", .extents),
      otherwise: "none: M is a matrix")
    method = reader.read(MatrixNormWord.key)
    self.parametrization = parametrization
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    if kernel != nil { return try inputs.image() }
    guard shape.count == 1 else {
      throw ShapeFault(
        "without 'kernel' needs a vector [features], found \(shape)",
        help: "put 'flatten' before it" + (shape.count == 3 ? ", or set 'kernel'" : ""))
    }
    return shape
  }

  /// As many windows as pixels.
  private var window: ConvolutionWindow {
    let extents = kernel?.array ?? [1, 1]
    let low = extents.map { ($0 - 1) / 2 }
    return ConvolutionWindow(
      kernel: extents, paddingLow: low, paddingHigh: zip(extents, low).map { $0 - 1 - $1 })
  }

  func formedWeight(for inputs: [[Int]]) -> FormedWeight {
    FormedWeight(
      parametrization, of: FilterMap(filters: units, channels: inputs[0][0], window))
  }

  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] {
    let (features, taps) = (inputs[0][0], kernel?.array ?? [])
    return [
      ParameterDeclaration(
        "weight", [units, features] + taps, .weight,
        .lecun(fanIn: taps.reduce(features, *))),
      ParameterDeclaration("bias", [units], .bias, .constant(0)),
    ]
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    let (weight, input) = (context.parameter("weight"), context.inputs[0])
    let form: LinearOperator.Form =
      kernel == nil
      ? .dense(weight: weight, inputs: input[0], outputs: units)
      : .convolution(weight: weight, window: window, input: input, filters: units)
    let map = LinearOperator(
      name: context.name, form: form, method: method.method,
      constraint: formedWeight(for: context.inputs).constraint)
    return .constant(.gradientStep(map.norm), of: [map])
  }

  func lower(_ context: LoweringContext) -> Tensor {
    let weight = context.factor(context.parameter("weight"))
    let x = context.input
    let product = map(context.factor(x), weight)
    let z = product + context.parameter("bias").broadcast(like: product, axes: [1])
    let active = max(z, 0)
    let adjoint = adjoint(context.factor(active), weight, as: x.type)
    context.isStep(along: .init(product: z, active: active, adjoint: adjoint))
    return x - adjoint * 2
  }

  /// M x for a batch.
  private func map(_ x: Tensor, _ weight: Tensor) -> Tensor {
    kernel == nil
      ? x.dot(weight, transposeRight: true) : x.convolved(with: weight, window)
  }

  /// Mᵀz for a batch.
  private func adjoint(_ z: Tensor, _ weight: Tensor, as type: TensorType) -> Tensor {
    kernel == nil
      ? z.dot(weight)
      : z.builder.apply(.convolutionInputGradient(window), [z, weight], as: type)
  }
}

/// A layer that is a ``ConvexPotential``; a conforming file names the parametrization, the rest follows.
protocol ConvexPotentialLayer: Layer {
  var block: ConvexPotential { get }
}

extension ConvexPotentialLayer {
  static var mainKey: String? { "units" }
  static var examples: [LayerExample] {
    [
      LayerExample("{units: 3}", inputs: [[4]]), LayerExample("{units: 5}", inputs: [[3]]),
      LayerExample("{units: 3, kernel: 3}", inputs: [[2, 4, 3]]),
      LayerExample("{units: 2, kernel: [1, 2]}", inputs: [[3, 2, 3]]),
    ]
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try block.outputShape(of: inputs)
  }
  func formedWeight(for inputs: [[Int]]) -> FormedWeight? { block.formedWeight(for: inputs) }
  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { block.parameters(for: inputs) }
  func bound(in context: LayerBoundContext) -> LayerBound { block.bound(in: context) }
  func lower(_ context: LoweringContext) -> Tensor { block.lower(context) }
}
