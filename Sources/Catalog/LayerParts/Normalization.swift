import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph

/// What `layer_norm`, `group_norm` and `instance_norm` share: each group of M elements of a sample minus
/// its mean, divided by √(σ² + ε), σ² the mean square of what is left.
///
/// With P the projection that subtracts the mean and s = √(‖Px‖²/M + ε), the derivative of Px/s is
/// (1/s)(I − Px(Px)ᵀ/(Ms²))P. Its middle factor is symmetric with eigenvalues 1 and ε/s², so the norm is
/// at most 1/s ≤ 1/√ε, which is reached at constant groups. Factors γ multiply it by at most max |γ|.
struct Normalization: Sendable {
  private let epsilon: StoredConstant
  private let isAffine: Bool

  /// Constants beyond this one get a warning.
  private static let largestConstant = 100.0

  /// - Parameter isAffine: the default of the key `affine`.
  init(from reader: inout ConfigReader, isAffine: Bool) {
    let epsilon = reader.read(
      "epsilon", default: 1e-5, "ε, which alone makes the bound finite", .positiveFloat32)
    self.epsilon = StoredConstant(epsilon)
    self.isAffine = reader.read(.affine(isAffine))
    let constant = 1 / epsilon.squareRoot()
    if !reader.hasFaults, constant > Self.largestConstant {
      reader.report(
        .warning(
          .bound, "large",
          "'\(reader.kind)' has the Lipschitz constant 1/√epsilon = \(constant.rounded()) before its factors",
          at: reader.span(of: "epsilon"),
          help: "raise 'epsilon', or use 'batch_norm', whose constant follows the data"))
    }
  }

  /// Throws unless there are groups of at least two elements.
  func check(_ shape: [Int], groups: Int) throws(ShapeFault) {
    let count = shape.reduce(1, *) / groups
    guard count >= 2 else {
      throw ShapeFault(
        "normalizes over at least 2 elements, found \(count) per group in \(shape)",
        help: "a group of one element would give the constant 0")
    }
  }

  /// γ and β of a shape.
  func parameters(_ shape: [Int]) -> [ParameterDeclaration] { isAffine ? .affine(shape) : [] }

  /// max |γ|/√ε for `count` factors.
  func bound(_ count: Int, in context: LayerBoundContext) -> LayerBound {
    let inverseRoot = BoundExpr.constant(
      .enclosed(
        "\(Float(1 / epsilon.value.squareRoot()))",
        lower: .one / UpperBound(proven: epsilon.value).squareRoot(),
        upper: .one / LowerBound(proven: epsilon.value).squareRoot()))
    guard isAffine else { return .constant(inverseRoot) }
    let factors = LinearOperator(
      name: context.name,
      form: .diagonal(.parameter(context.parameter("weight")), shape: [count]))
    return .constant(.product([factors.norm, inverseRoot]), of: [factors])
  }

  /// γ·(x − μ)/√(σ² + ε) + β, the axes of γ and β being those of the batch at `axes`.
  func lower(_ context: LoweringContext, groups: Int, axes: [Int]) -> Tensor {
    let x = context.input
    let count = x.shape.dropFirst().reduce(1, *) / groups
    let rows = x.reshaped([x.shape[0], groups, count])
    let normalized = normalized(rows).reshaped(x.shape)
    guard isAffine else { return normalized }
    let factors = context.parameter("weight").broadcast(like: x, axes: axes)
    let offsets = context.parameter("bias").broadcast(like: x, axes: axes)
    return normalized * factors + offsets
  }

  /// (x − μ)/√(σ² + ε) along axis 2.
  private func normalized(_ rows: Tensor) -> Tensor {
    let centered = rows.centered(axes: [2])
    let variance = (centered * centered).mean(axes: [2])
    return centered / sqrt(variance + epsilon.value).broadcast(like: rows, axes: [0, 1])
  }
}

extension SpecKey<Bool> {
  static func affine(_ isAffine: Bool) -> Self {
    SpecKey("affine", default: isAffine, "whether there are factors γ and offsets β")
  }
}

extension [ParameterDeclaration] {
  /// Factors γ that start at 1 and offsets β that start at 0, without weight decay.
  static func affine(_ shape: [Int]) -> Self {
    [
      ParameterDeclaration("weight", shape, .bias, .constant(1)),
      ParameterDeclaration("bias", shape, .bias, .constant(0)),
    ]
  }
}
