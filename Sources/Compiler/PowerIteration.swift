import BoundAlgebra
import ModelIR
import TensorGraph

/// Power iteration during training: a step or a few, with the vector kept between training steps.
///
/// For a linear operator A and the kept v: v̂ = v/‖v‖, σ = ‖A v̂‖, next v = Aᵀ A v̂; more steps repeat
/// this before σ is taken. A is an operator of one layer or composed of several; its adjoint comes from
/// differentiating its graph. σ is differentiable in A's weights with v̂ held constant, which is the
/// derivative of the spectral norm at a singular vector (Tsuzuku et al. 2018, Algorithm 2). σ is an
/// estimate from below: it serves training and never a certificate.
struct PowerIteration {
  /// The estimate of ‖A‖, a scalar.
  let norm: Value

  /// Appends a step; declares the kept vector as the persistent input `power/<operator>`.
  ///
  /// A zero or overflown iterate (a dead layer, a vector in the kernel) is drawn anew from
  /// `random(counter)` instead of staying zero for ever.
  ///
  /// - Parameter operands: the parameters and statistics by full name.
  init(
    _ operation: IteratedOperator, operands: [String: Value], steps: Int = 1, counter: Value,
    seed: UInt64, into builder: inout GraphBuilder
  ) {
    let shape = [1] + operation.inputShape
    let name = PowerIteration.inputName(operation.name)
    let kept = builder.input(name, shape, isPersistent: true)
    var frozen: [String: Value] = [:]
    for name in operation.parameters {
      frozen[name] = operands[name].map { builder.stopGradient($0) }
    }
    var direction = PowerIteration.normalized(kept, into: &builder)
    for _ in 1..<steps {
      let image = operation.apply(to: direction, operands: frozen, into: &builder)
      let next = builder.pullback(of: [(image, image)], to: [direction])[0]
      direction = PowerIteration.normalized(next, into: &builder)
    }
    let unit = builder.stopGradient(direction)
    let image = operation.apply(to: unit, operands: operands, into: &builder)
    norm = builder.euclideanNorm(image)

    let cotangent = builder.stopGradient(image)
    let again = operation.apply(to: unit, operands: frozen, into: &builder)
    let next = builder.pullback(of: [(again, cotangent)], to: [unit])[0]
    let stream = CounterRandom.stream(seed: seed, name)
    let uniform = builder.apply(.random(stream: stream), [counter], as: TensorType(shape))
    let half = builder.splat(0.5, shape)
    let fresh = builder.subtract(uniform, half)
    let length = builder.euclideanNorm(next)
    let isAlive = builder.binary(
      .multiply, builder.compare(.greater, length, builder.splat(0)),
      builder.compare(.less, length, builder.splat(Double(Float.greatestFiniteMagnitude))))
    let mask = builder.broadcast(isAlive, to: shape, axes: [])
    builder.output(name, builder.select(mask, next, fresh))
  }

  /// The kept vector's name.
  static func inputName(_ operatorName: String) -> String { "power/\(operatorName)" }

  private static func normalized(_ v: Value, into builder: inout GraphBuilder) -> Value {
    let length = builder.euclideanNorm(v)
    return builder.divide(v, length)
  }
}

/// A linear operator as power iteration sees it.
struct IteratedOperator {
  private enum Form {
    case layer(LinearOperator)
    case composed(LinearMaps, LinearMaps.ID)
  }

  /// Unique among the operators of a step.
  let name: String
  private let form: Form

  /// A layer's operator under its own name.
  init(_ linear: LinearOperator) {
    name = linear.name
    form = .layer(linear)
  }

  /// A composed operator.
  init(_ name: String, _ maps: LinearMaps, _ map: LinearMaps.ID) {
    self.name = name
    form = .composed(maps, map)
  }

  /// The shape of one sample's argument.
  var inputShape: [Int] {
    switch form {
    case .layer(let linear): linear.inputShape
    case .composed(let maps, let map): [maps.inputCount(map)]
    }
  }

  /// The full names of the parameters and statistics it depends on.
  var parameters: Set<String> {
    switch form {
    case .layer(let linear): Set(linear.parameters)
    case .composed(let maps, let map): Set(maps.layers(of: map).flatMap(\.parameters))
    }
  }

  /// The map of a batch with parameters from a dictionary, which must have them all.
  func apply(
    to x: Value, operands: [String: Value], into builder: inout GraphBuilder
  ) -> Value {
    switch form {
    case .layer(let linear):
      linear.apply(to: x, into: &builder) { linear.operand($0, in: operands) }
    case .composed(let maps, let map):
      maps.apply(map, to: x, into: &builder) { parameter in
        guard let value = operands[parameter] else {
          preconditionFailure("the operator '\(name)' lacks '\(parameter)'")
        }
        return value
      }
    }
  }
}

extension LinearOperator {
  /// One of the parameters from a dictionary, which must have it.
  func operand(_ name: String, in operands: [String: Value]) -> Value {
    guard let value = operands[name] else {
      preconditionFailure("the operator '\(self.name)' lacks '\(name)'")
    }
    return value
  }
}
