import Enclosure

/// Bounds on a network's output for one sample, and on the errors of its executed elements in the ball
/// around it.
///
/// The difference of two executed elements is off by what the last layer adds to both, by the carried errors
/// of its operand seen through the difference of its rows, and, for every layer whose error is launched, by
/// the norm of that error times the constant of the rest of the network for this difference.
public struct AnalyzedOutput: Sendable {
  /// Bounds of the map from one layer's output to differences of the network's outputs, all other values
  /// being fixed.
  public protocol Rest: Sendable {
    /// Bounds the difference of outputs i and j as a function of the layer's output; that of output i alone
    /// if j is nil.
    func constant(_ layer: Int, _ i: Int, _ j: Int?) -> UpperBound
  }

  /// The errors of earlier layers.
  enum Propagated: Sendable {
    /// The norms of launched errors with the values' indices, and the constants from there on.
    case launched([(layer: Int, norm: UpperBound)], any Rest)
    /// The norm of all of them at the output.
    case norm(UpperBound)
  }

  /// What the last layer W x + b carries on from its operand.
  struct Head: Sendable {
    /// W, row-major.
    let rows: [Float]
    /// Bounds the error of each element of x.
    let carried: [Double]
    /// Bounds the norm of the rest of the error of x, if ``Propagated`` does not contain it.
    let euclidean: UpperBound
  }

  /// Lower ends of the exact elements at the sample, row-major.
  public let lower: [Double]
  /// Upper ends.
  public let upper: [Double]
  /// The errors of each element that are not seen through the head's rows.
  let own: [UpperBound]
  let head: Head?
  let propagated: Propagated

  init(
    lower: [Double], upper: [Double], own: [UpperBound], head: Head?,
    propagated: Propagated
  ) {
    (self.lower, self.upper, self.own) = (lower, upper, own)
    (self.head, self.propagated) = (head, propagated)
  }

  /// Bounds |executed − exact| for each element and every input in the ball.
  public var error: [UpperBound] {
    own.indices.map { own[$0] + throughHead($0, nil) + fromEarlier($0, nil) }
  }

  /// Bounds |executed − exact| for the difference of two elements.
  public func differenceError(_ i: Int, _ j: Int) -> UpperBound {
    own[i] + own[j] + throughHead(i, j) + fromEarlier(i, j)
  }

  private func fromEarlier(_ i: Int, _ j: Int?) -> UpperBound {
    switch propagated {
    case .norm(let norm): j == nil ? norm : .rootTwo * norm
    case .launched(let errors, let rest):
      errors.reduce(UpperBound.zero) { sum, error in
        error.norm == .zero ? sum : sum + rest.constant(error.layer, i, j) * error.norm
      }
    }
  }

  /// Σ |w||a| + ‖w‖b for w the row i, or the difference of the rows i and j.
  private func throughHead(_ i: Int, _ j: Int?) -> UpperBound {
    guard let head else { return .zero }
    let count = head.carried.count
    var (sum, squares) = (0.0, 0.0)
    for k in 0..<count {
      let first = Double(head.rows[i * count + k])
      let w = above((first - (j.map { Double(head.rows[$0 * count + k]) } ?? 0)).magnitude)
      sum += w * head.carried[k]
      squares += w * w
    }
    let inflation = UpperBound(proven: 1 + Double(count + 8) * 0x1p-52)
    // 2⁻⁹⁰⁰ covers products that underflow.
    let least = UpperBound(proven: 0x1p-900)
    let carried = UpperBound(proven: sum) * inflation + least
    guard head.euclidean > .zero else { return carried }
    return carried + (UpperBound(proven: squares) * inflation + least).squareRoot() * head.euclidean
  }
}
