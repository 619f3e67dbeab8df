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
  let epsilon: StoredConstant
  let isAffine: Bool

  private static let epsilonKey = SpecKey<Double>(
    "epsilon", default: 1e-5, "ε, which alone makes the bound finite",
    .init("a positive float32 number") { $0 > 0 && StoredConstant.fits($0) })
  private static func affineKey(_ isAffine: Bool) -> SpecKey<Bool> {
    SpecKey("affine", default: isAffine, "whether there are factors γ and offsets β")
  }
  /// Constants beyond this one get a warning.
  private static let largestConstant = 100.0

  /// The keys in the order of the manual.
  static func keys(isAffine: Bool) -> [SpecKeyDescription] {
    [epsilonKey.description, affineKey(isAffine).description]
  }

  init?(from reader: inout ConfigReader, isAffine: Bool) {
    let epsilon = reader.read(Self.epsilonKey)
    let affine = reader.read(Self.affineKey(isAffine))
    guard let epsilon, let affine else { return nil }
    self.epsilon = StoredConstant(epsilon)
    self.isAffine = affine
    let constant = 1 / epsilon.squareRoot()
    if constant > Self.largestConstant {
      reader.report(
        .warning(
          .bound, "large",
          "'\(reader.kind)' has the Lipschitz constant 1/√epsilon = \(constant.rounded()) before its factors",
          at: reader.node("epsilon")?.span ?? reader.span,
          help: "raise 'epsilon', or use 'batch_norm', whose constant follows the data"))
    }
  }

  /// Throws unless there are groups of at least two elements.
  func check(_ shape: [Int], groups: Int) throws(ShapeFault) {
    let count = shape.reduce(1, *) / groups
    guard count >= 2 else {
      throw ShapeFault(
        "normalises over at least 2 elements, found \(count) a group in \(shape)",
        help: "it would give the constant 0")
    }
  }

  /// γ and β of a shape.
  func parameters(_ shape: [Int]) -> [ParameterDeclaration] {
    isAffine
      ? [
        ParameterDeclaration("weight", shape, .bias, .constant(1)),
        ParameterDeclaration("bias", shape, .bias, .constant(0)),
      ] : []
  }

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

  /// The normalised batch with factors and offsets, whose axes are those of the batch at `axes`.
  func lower(_ context: inout LoweringContext, groups: Int, axes: [Int]) -> Value {
    let x = context.inputs[0]
    let shape = context.builder.shape(x)
    let split = [shape[0], groups, shape.dropFirst().reduce(1, *) / groups]
    let rows = context.builder.reshape(x, split)
    let normal = context.builder.reshape(normalized(rows, &context.builder), shape)
    guard isAffine else { return normal }
    let factors = context.builder.broadcast(context.parameter("weight"), to: shape, axes: axes)
    let offsets = context.builder.broadcast(context.parameter("bias"), to: shape, axes: axes)
    return context.builder.add(context.builder.multiply(normal, factors), offsets)
  }

  /// Normalises along axis 2.
  private func normalized(_ rows: Value, _ builder: inout GraphBuilder) -> Value {
    let shape = builder.shape(rows)
    let centred = builder.centered(rows, axes: [2])
    let squares = builder.sum(builder.multiply(centred, centred), axes: [2])
    let variance = builder.divide(squares, builder.splat(Double(shape[2]), like: squares))
    let shifted = builder.add(variance, builder.splat(epsilon.value, like: variance))
    let deviation = builder.unary(.sqrt, shifted)
    return builder.divide(centred, builder.broadcast(deviation, to: shape, axes: [0, 1]))
  }
}
