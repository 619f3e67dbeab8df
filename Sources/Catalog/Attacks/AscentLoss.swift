import ModelIR
import TensorGraph

/// What an attack within a ball makes large.
enum AscentLoss: String, WordValue {
  /// max F_i over i ≠ t, less F_t: heads for the class of the largest other logit.
  case margin
  /// −log softmax(F)_t: heads for all other classes, by their shares.
  case crossEntropy = "cross_entropy"
}

extension AttackContext {
  /// The loss's gradient at each point, at unit length, [N, …]; 0 where the gradient is 0.
  func ascentDirection(of loss: AscentLoss) -> Tensor { ascent(of: loss).sampleDirections() }

  /// A vector along the loss's gradient at each point, [N, …]; for the margin the gradient itself.
  ///
  /// For cross-entropy, log(1 + e^g) of g = log Σ_{i≠t} e^{F_i} − F_t, it is the gradient of g, which has
  /// the same direction and does not vanish where the network is confident.
  func ascent(of loss: AscentLoss) -> Tensor {
    let others = logits.withoutLabels(labels)
    let shares =
      switch loss {
      case .margin: others.leaders()
      case .crossEntropy: others.shares()
      }
    return gradient(shares - labels)
  }
}

extension Tensor {
  /// The largest of each sample's logits [N, K] as one-hot, divided among equal ones.
  func leaders() -> Tensor {
    let isLargest = self .== maximum(axes: [1]).spread(like: self)
    return isLargest / isLargest.sum(axes: [1]).spread(like: self)
  }

  /// The softmax of each sample's logits [N, K].
  fileprivate func shares() -> Tensor {
    let exponentials = exp(self - maximum(axes: [1]).spread(like: self))
    return exponentials / exponentials.sum(axes: [1]).spread(like: self)
  }
}
