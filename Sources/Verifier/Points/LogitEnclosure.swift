import Enclosure

/// Bounds a network's logits at a sample and the rounding errors of the executed ones around it.
struct LogitEnclosure: Sendable {
  /// What is known of the logits.
  struct Logits {
    let low: [Double]
    let high: [Double]
    /// Errors of the last layer, by logit.
    fileprivate let own: [Double]
    fileprivate let inherited: Inherited

    /// What the last layer's exact function makes of errors before it.
    fileprivate enum Inherited {
      /// Bounds their norm.
      case norm(UpperBound)
      /// The function is linear: its rows, and the error of its operand.
      case rows([[Double]], ForwardError)
    }

    /// Bounds |executed − exact| of F_i − F_j: ‖e_i − e_j‖ = √2.
    func error(_ i: Int, _ j: Int) -> UpperBound {
      let sum = UpperBound(proven: own[i]) + UpperBound(proven: own[j])
      switch inherited {
      case .norm(let norm): return sum + UpperBound(proven: 2).squareRoot() * norm
      case .rows(let rows, let error):
        return sum + error.image(zip(rows[i], rows[j]).map { abs($0 - $1).nextUp })
      }
    }
  }

  private let network: Network
  private let constants: [UpperBound]
  private let bounds: [UpperBound]
  /// The last layer that does more than copy.
  private let last: Int
  /// Its rows where it is linear.
  private let rows: [[Double]]?

  /// Evaluates a network whose bounds have been derived.
  init(_ network: Network, _ check: BoundCheck) {
    self.network = network
    (constants, bounds) = (check.constants.map(\.proved), check.bounds.map(\.proved))
    var last = network.nodes.count - 1
    while case .identity = network.nodes[last].form, network.nodes[last].operands[0] > 0 {
      last = network.nodes[last].operands[0] - 1
    }
    self.last = last
    if case .linear(let map, norm: nil) = network.nodes[last].form, map.coefficientError == 0 {
      rows = map.denseRows
    } else {
      rows = nil
    }
  }

  /// The logits of a sample and of the ball around it; nil where they could overflow.
  func logits(_ sample: ArraySlice<Float>, radius: UpperBound) -> Logits? {
    var values = [Ball(sample: sample, radius: radius)]
    for (index, node) in network.nodes.enumerated() {
      let operands = node.operands.map { values[$0] }
      let image = node.layer.image(of: operands)
      let error = node.layer.error(
        inheriting: operands.map(\.error), image, constant: constants[index])
      guard image.errors.allSatisfy(\.isFinite) else { return nil }
      if index == last {
        let isKnown =
          error.norm.isFinite && (image.sampleLow + image.sampleHigh).allSatisfy(\.isFinite)
        return isKnown ? logits(image, error, operands[0].error) : nil
      }
      let ball = Ball(image, error: error, distance: bounds[index + 1] * radius)
      guard ball.isFinite else { return nil }
      values.append(ball)
    }
    return nil
  }

  private func logits(
    _ image: LayerImage, _ error: ForwardError, _ before: ForwardError
  ) -> Logits {
    let own = rows == nil ? error.componentwise : image.errors
    let inherited = rows.map { Logits.Inherited.rows($0, before) } ?? .norm(error.normwise)
    return Logits(low: image.sampleLow, high: image.sampleHigh, own: own, inherited: inherited)
  }
}
