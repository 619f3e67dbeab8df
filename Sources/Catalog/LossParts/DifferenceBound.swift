import ModelIR
import TensorGraph

/// How the Lipschitz constants of logit differences F_i − F_j are bounded in a loss.
enum DifferenceBound: String, WordValue {
  /// √2·L for every pair, with L of the network (Tsuzuku et al. 2018, proposition 1).
  case global
  /// L′·‖w_i − w_j‖₂, with L′ of what precedes the head and its rows w (proposition 2).
  case pairwise

  /// The key `variant`.
  static func read(from reader: inout ConfigReader) -> DifferenceBound {
    reader.read("variant", default: .pairwise, "whether the head's rows enter pair by pair")
  }

  /// K [N, K]: for each sample, the constants of F_i − F_j, 0 at i = j, where `classes` [N, K] has a 1 at j.
  ///
  /// A network that does not end in a dense layer has no rows, and its constants are those of `global`.
  func constants(from classes: Tensor, _ context: LossContext) -> Tensor {
    switch self {
    case .global:
      return Self.global(from: classes, context)
    case .pairwise:
      guard let head = context.head else { return Self.global(from: classes, context) }
      return head.bound * classes.dot(head.rows.rowDistances())
    }
  }

  private static func global(from classes: Tensor, _ context: LossContext) -> Tensor {
    context.networkBound * 2.0.squareRoot() * (1 - classes)
  }
}

extension SpecKey<Double> {
  /// The key `c` of losses that train for a radius.
  static var trainedRadius: Self {
    Self("c", "the radius to train for, in input units", .nonNegative)
  }
}

extension Tensor {
  /// d[i, j] = ‖wᵢ − wⱼ‖₂ between the rows of W [K, D], as [K, K].
  ///
  /// From ‖wᵢ‖² + ‖wⱼ‖² − 2 wᵢ·wⱼ, one matrix product instead of K²·D elements. Cancellation leaves an
  /// error of about 10⁻⁶ of the squares in float32. Squared distances below that, such as those of equal
  /// rows and of the diagonal, give distance and derivative 0 instead of the root of noise. For training
  /// only: certificates compute their own distances.
  fileprivate func rowDistances() -> Tensor {
    let square = [shape[0], shape[0]]
    let products = dot(self, transposeRight: true)
    let norms = (self * self).sum(axes: [1])
    let sums = norms.broadcast(to: square, axes: [0]) + norms.broadcast(to: square, axes: [1])
    let squares = sums - 2 * products
    let isDistance = squares .> sums * 1e-6
    return select(isDistance, sqrt(select(isDistance, squares, 1)), 0)
  }
}
