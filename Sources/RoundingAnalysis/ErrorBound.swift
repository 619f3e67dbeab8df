import Enclosure

/// Bounds the difference of executed values from the exact ones at the same input, over each lane's ball.
///
/// The difference is e + d with |e| ≤ `elementwise` element by element and ‖d‖₂ ≤ `euclidean`. Elementwise
/// functions keep the two parts separate. Other layers propagate both to `euclidean` by their Lipschitz
/// constants.
struct ErrorBound: Sendable {
  /// In the order of the value's elements.
  let elementwise: [Double]
  /// For each lane.
  let euclidean: [UpperBound]

  /// No difference.
  static func none(_ value: IntervalTensor) -> ErrorBound {
    ErrorBound(
      elementwise: Array(repeating: 0, count: value.lower.count),
      euclidean: Array(repeating: .zero, count: value.lanes))
  }

  /// Bounds the ℓ2 norm of the difference for each lane.
  var norms: [UpperBound] {
    zip(BallEnclosure.norms(elementwise, lanes: euclidean.count), euclidean).map { $0 + $1 }
  }

  func elementwise(lane: Int) -> [Double] {
    stride(from: lane, to: elementwise.count, by: euclidean.count).map { elementwise[$0] }
  }
}

extension AnalyzedLayer {
  /// Bounds the difference at the layer's output.
  ///
  /// - Parameter result: the output with the errors that the layer itself makes. Its range contains the
  ///   exact function's values for the executed operands and for the exact ones.
  func error(_ operands: [ErrorBound], result: RoundedTensor) -> ErrorBound {
    let own = result.error
    switch propagation {
    case .lipschitz(let constant), .matrix(_, norm: let constant):
      return ErrorBound(elementwise: own, euclidean: operands[0].norms.map { constant.times($0) })
    case .elementwise(let constant):
      let elementwise = own.indices.map { i in
        let incoming = UpperBound(proven: operands[0].elementwise[i])
        // If the range is a point, as for a rectifier below 0, no error is propagated.
        let width = (result.exact.upper[i] - result.exact.lower[i]).nextUp
        let most = constant.times(incoming).value
        return (width < most ? width : most) + own[i]
      }
      return ErrorBound(
        elementwise: elementwise, euclidean: operands[0].euclidean.map { constant.times($0) })
    case .sum:
      let elementwise = own.indices.map { i in
        operands.reduce(own[i]) { $0 + $1.elementwise[i] }
      }
      let euclidean = operands[0].euclidean.indices.map { lane in
        operands.reduce(UpperBound.zero) { $0 + $1.euclidean[lane] }
      }
      return ErrorBound(elementwise: elementwise, euclidean: euclidean)
    case .concatenation:
      let norms = operands.map(\.norms)
      let euclidean = norms[0].indices.map { lane in
        norms.reduce(UpperBound.zero) { $0 + $1[lane] * $1[lane] }.squareRoot()
      }
      return ErrorBound(elementwise: own, euclidean: euclidean)
    }
  }
}

extension UpperBound {
  /// The product; 0 if the distance is 0, even if the other factor is ∞.
  fileprivate func times(_ distance: UpperBound) -> UpperBound {
    distance == .zero ? .zero : self * distance
  }
}

/// Bounds the error that the last layer's exact function propagates from its operand to the output.
public enum PropagatedError: Sendable {
  /// Its ℓ2 norm.
  case norm(UpperBound)
  /// The layer is W x + b: W row-major, and the two parts of the operand's ``ErrorBound``.
  case rows([Float], elementwise: [Double], euclidean: UpperBound)

  /// Bounds the error of one element.
  func bound(_ i: Int) -> UpperBound {
    switch self {
    case .norm(let norm): norm
    case .rows(let matrix, let elementwise, let euclidean):
      Self.bound(
        matrix[(i * elementwise.count)...].prefix(elementwise.count).map(Double.init), elementwise,
        euclidean)
    }
  }

  /// Bounds the error of the difference of two elements: ‖e_i − e_j‖ = √2.
  func bound(_ i: Int, _ j: Int) -> UpperBound {
    switch self {
    case .norm(let norm): UpperBound(proven: 2).squareRoot() * norm
    case .rows(let matrix, let elementwise, let euclidean):
      Self.bound(
        elementwise.indices.map {
          let difference =
            Double(matrix[i * elementwise.count + $0]) - Double(matrix[j * elementwise.count + $0])
          return abs(difference).nextUp
        }, elementwise, euclidean)
    }
  }

  /// |⟨w, e + d⟩| ≤ Σ |w||e| + ‖w‖‖d‖.
  private static func bound(
    _ row: [Double], _ elementwise: [Double], _ euclidean: UpperBound
  ) -> UpperBound {
    var (sum, squares) = (0.0, 0.0)
    for (w, e) in zip(row, elementwise) {
      sum += abs(w) * e
      squares += w * w
    }
    let inflation = UpperBound(proven: 1 + Double(row.count + 8) * 0x1p-52)
    // 2⁻⁹⁰⁰ covers products that underflow.
    let norm = (UpperBound(proven: squares) * inflation + UpperBound(proven: 0x1p-900)).squareRoot()
    return UpperBound(proven: sum) * inflation + UpperBound(proven: 0x1p-900) + norm * euclidean
  }
}
