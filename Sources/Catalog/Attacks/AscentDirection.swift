import ModelIR
import TensorGraph

/// The values of the key `loss`: what an attack within a ball makes large.
enum AscentLoss: String, WordValue {
  /// max F_i over i ≠ t, less F_t: heads for the runner-up.
  case margin
  /// −log softmax(F)_t: heads for all other classes, by their shares.
  case crossEntropy = "cross_entropy"
}

extension AttackContext {
  /// The loss's gradient at each point, at unit length, [N, …]; 0 where the gradient is 0.
  mutating func ascentDirection(of loss: AscentLoss) -> Value {
    builder.sampleDirections(ascent(of: loss))
  }

  /// A vector along the loss's gradient at each point, [N, …]; for the margin the gradient itself.
  mutating func ascent(of loss: AscentLoss) -> Value {
    let shares =
      switch loss {
      case .margin: builder.leaders(builder.withoutLabels(logits, labels: labels))
      case .crossEntropy: otherShares()
      }
    return gradient(builder.subtract(shares, labels))
  }

  /// The softmax of the logits other than the label's, [N, K].
  ///
  /// Less the label it is the gradient of log Σ_{i≠t} e^{F_i} − F_t, which has the direction of that of
  /// cross-entropy, log(1 + e^{…}), and not its vanishing length where the network is sure.
  private mutating func otherShares() -> Value {
    let shape = builder.shape(logits)
    let others = builder.withoutLabels(logits, labels: labels)
    let best = builder.maximum(of: others, axes: [1])
    let shifted = builder.subtract(others, builder.broadcast(best, to: shape, axes: [0]))
    let exponentials = builder.unary(.exp, shifted)
    let total = builder.sum(exponentials, axes: [1])
    return builder.divide(exponentials, builder.broadcast(total, to: shape, axes: [0]))
  }
}

extension GraphBuilder {
  /// One-hot largest logits [N, K], shared out among equal ones.
  mutating func leaders(_ logits: Value) -> Value {
    let best = maximum(of: logits, axes: [1])
    let isBest = compare(.equal, logits, broadcast(best, to: shape(logits), axes: [0]))
    let count = sum(isBest, axes: [1])
    return divide(isBest, broadcast(count, to: shape(logits), axes: [0]))
  }
}
