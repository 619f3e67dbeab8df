import BoundAlgebra
import Enclosure
import TensorGraph

/// The factors of a diagonal map: one for all elements, or one per channel.
public enum ChannelFactors: Hashable, Sendable {
  /// Numbers known before training, as the network uses them: float32 values.
  case constants([Double])
  /// γ/√(σ² + ε) of batch normalization; γ is 1 where it has no name.
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

  /// The factors in the type of a batch x, whose axis 1 is the channels.
  public func lower(like x: Tensor, parameter: (String) -> Tensor) -> Tensor {
    if case .constants(let factors) = self, factors.count == 1 { return x.constant(factors[0]) }
    let row = row(in: x.builder, parameter: parameter)
    return row.shape == [1]
      ? row.reshaped([]).broadcast(like: x, axes: []) : row.broadcast(like: x, axes: [1])
  }

  /// The factors as a vector.
  public func row(in builder: GraphBuilder, parameter: (String) -> Tensor) -> Tensor {
    switch self {
    case .constants(let factors):
      return builder.literal(factors, [factors.count])
    case .normalization(let scale, let variance, let epsilon):
      let deviation = sqrt(parameter(variance) + epsilon)
      return (scale.map(parameter) ?? deviation.constant(1)) / deviation
    case .parameter(let name):
      let factors = parameter(name)
      return factors.reshaped([factors.type.count])
    case .parameterAndOne(let name):
      return concatenate([parameter(name), builder.constant(1, [1])], axis: 0)
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
