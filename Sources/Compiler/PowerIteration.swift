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
  let norm: Tensor

  /// Appends the iteration; declares the kept vector as the persistent input `power/<operator>`.
  ///
  /// A zero or overflowed iterate (a dead layer, a vector in the kernel) is replaced by random numbers.
  ///
  /// - Parameter operands: the parameters and statistics by full name.
  init(
    _ operation: IteratedOperator, operands: [String: Tensor], steps: Int = 1, counter: Tensor,
    seed: UInt64
  ) {
    let builder = counter.builder
    let name = PowerIteration.inputName(operation.name)
    let kept = builder.input(name, [1] + operation.inputShape, isPersistent: true)
    let parameters = operation.parameters
    let frozen = operands.filter { parameters.contains($0.key) }.mapValues { stopGradient($0) }
    var direction = kept / kept.euclideanNorm()
    for _ in 1..<steps {
      let image = operation.apply(to: direction, operands: frozen)
      let next = pullback(of: [(image, image)], to: [direction])[0]
      // Of a zero operator nothing but 0 is left.
      direction = next / max(next.euclideanNorm(), 1e-30)
    }
    let unit = stopGradient(direction)
    let image = operation.apply(to: unit, operands: operands)
    norm = image.euclideanNorm()

    let again = operation.apply(to: unit, operands: frozen)
    let next = pullback(of: [(again, stopGradient(image))], to: [unit])[0]
    let stream = CounterRandom.stream(seed: seed, name)
    let fresh = builder.random(stream: stream, counter: counter, like: kept) - 0.5
    let length = next.euclideanNorm()
    let isAlive = (length .> 0) * (length .< Double(Float.greatestFiniteMagnitude))
    builder.output(name, select(isAlive, next, fresh))
  }

  /// The kept vector's name.
  static func inputName(_ operatorName: String) -> String { "power/\(operatorName)" }
}

/// A linear operator as power iteration sees it.
struct IteratedOperator {
  private enum Form {
    case layer(LinearOperator)
    case composed(LinearMaps, LinearMaps.ID)
    case matrix(columns: Int)
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

  /// The operator of a matrix, which is the operand with the operator's name.
  init(_ name: String, columns: Int) {
    self.name = name
    form = .matrix(columns: columns)
  }

  /// The shape of one sample's argument.
  var inputShape: [Int] {
    switch form {
    case .layer(let linear): linear.inputShape
    case .composed(let maps, let map): [maps.inputCount(map)]
    case .matrix(let columns): [columns]
    }
  }

  /// The full names of the parameters and statistics it depends on.
  var parameters: Set<String> {
    switch form {
    case .layer(let linear): Set(linear.parameters)
    case .composed(let maps, let map): Set(maps.layers(of: map).flatMap(\.parameters))
    case .matrix: [name]
    }
  }

  /// The map of a batch with parameters from a dictionary, which must have them all.
  func apply(to x: Tensor, operands: [String: Tensor]) -> Tensor {
    switch form {
    case .layer(let linear):
      linear.apply(to: x) { linear.operand($0, in: operands) }
    case .composed(let maps, let map):
      maps.apply(map, to: x) { operand($0, in: operands) }
    case .matrix:
      x.dot(operand(name, in: operands), transposeRight: true)
    }
  }

  private func operand(_ parameter: String, in operands: [String: Tensor]) -> Tensor {
    guard let value = operands[parameter] else {
      preconditionFailure("the operator '\(name)' lacks '\(parameter)'")
    }
    return value
  }
}

extension LinearOperator {
  /// One of the parameters from a dictionary, which must have it.
  func operand(_ name: String, in operands: [String: Tensor]) -> Tensor {
    guard let value = operands[name] else {
      preconditionFailure("the operator '\(self.name)' lacks '\(name)'")
    }
    return value
  }
}
