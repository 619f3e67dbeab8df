import BoundAlgebra
import Enclosure
import TensorGraph

/// The factors of a diagonal map: one for all elements, or one a channel.
public enum ChannelFactors: Hashable, Sendable {
  /// Numbers known before training, as the network uses them: float32 values.
  case constants([Double])
  /// γ/√(σ² + ε) of batch normalisation; γ is 1 where it has no name.
  case normalization(scale: String?, variance: String, epsilon: Double)
  /// The elements of a parameter.
  case parameter(String)
  /// The elements of a parameter and 1, the slopes of a parametric rectifier.
  case parameterAndOne(String)

  /// The parameters and statistics they depend on.
  public var parameters: [String] {
    switch self {
    case .constants: []
    case .normalization(let scale, let variance, _): (scale.map { [$0] } ?? []) + [variance]
    case .parameter(let name), .parameterAndOne(let name): [name]
    }
  }

  /// max |factor| where it is known before training.
  var closedNorm: BoundConstant? {
    guard case .constants(let factors) = self else { return nil }
    return .magnitude(factors.reduce(0) { max($0, $1.magnitude) })
  }

  /// Appends the factors in the type of a batch x, whose axis 1 is the channels.
  public func lower(
    like x: Value, into builder: inout GraphBuilder, parameter: (String) -> Value
  ) -> Value {
    if case .constants(let factors) = self, factors.count == 1 {
      return builder.splat(factors[0], like: x)
    }
    return builder.repeated(row(into: &builder, parameter: parameter), like: x)
  }

  /// Appends the factors as a vector.
  public func row(into builder: inout GraphBuilder, parameter: (String) -> Value) -> Value {
    switch self {
    case .constants(let factors):
      return builder.literal(factors, [factors.count])
    case .normalization(let scale, let variance, let epsilon):
      let spread = parameter(variance)
      let shifted = builder.add(spread, builder.splat(epsilon, like: spread))
      let deviation = builder.unary(.sqrt, shifted)
      let gamma = scale.map(parameter) ?? builder.splat(1, like: deviation)
      return builder.divide(gamma, deviation)
    case .parameter(let name):
      let factors = parameter(name)
      return builder.reshape(factors, [builder.type(factors).count])
    case .parameterAndOne(let name):
      let one = builder.splat(1, [1])
      return builder.apply(.concatenate(axis: 0), [parameter(name), one])
    }
  }
}

extension BoundConstant {
  /// A non-negative Double as it is, as a ratio where that is short.
  public static func magnitude(_ size: Double) -> BoundConstant {
    if size == size.rounded(), size < 0x1p53 { return .rational(Int(size), 1) }
    let scaled = size * 0x1p20
    if scaled == scaled.rounded(), scaled < 0x1p53 {
      let shift = min(20, Int(scaled).trailingZeroBitCount)
      return .rational(Int(scaled) >> shift, 1 << (20 - shift))
    }
    return .enclosed(
      "\(Float(size))", lower: LowerBound(proven: size), upper: UpperBound(proven: size))
  }
}

extension GraphBuilder {
  /// A vector [1] or [C] repeated over the other axes of a batch x [N, C, …].
  fileprivate mutating func repeated(_ row: Value, like x: Value) -> Value {
    let target = shape(x)
    if shape(row) == [1] { return broadcast(reshape(row, []), to: target, axes: []) }
    return broadcast(row, to: target, axes: [1])
  }
}
