import Enclosure

/// How far executed values may be from the exact ones at the same input, over each lane's ball.
///
/// The difference of the two is e + d with |e| ≤ `local` element by element and ‖d‖₂ ≤ `rest`. Elementwise
/// functions keep the two apart; other layers make `rest` of both, by their Lipschitz constants.
struct Drift: Sendable {
  /// Placed like the elements of the value.
  let local: [Double]
  /// For each lane.
  let rest: [UpperBound]

  /// No difference.
  static func none(_ value: LaneTensor) -> Drift {
    Drift(
      local: Array(repeating: 0, count: value.lower.count),
      rest: Array(repeating: .zero, count: value.lanes))
  }

  /// Bounds the ℓ2 norm of the difference for each lane.
  var norms: [UpperBound] {
    zip(BallTensor.norms(local, lanes: rest.count), rest).map { $0 + $1 }
  }

  /// The elements of one lane.
  func local(lane: Int) -> [Double] {
    stride(from: lane, to: local.count, by: rest.count).map { local[$0] }
  }
}

extension AnalysedLayer {
  /// The difference at the layer's output.
  ///
  /// - Parameter result: the output, with the errors that the layer itself makes; its range contains what
  ///   the exact function makes of the executed operands and of the exact ones.
  func drift(_ operands: [Drift], result: RoundedTensor) -> Drift {
    let own = result.error
    switch step {
    case .lipschitz(let constant), .matrix(_, norm: let constant):
      return Drift(local: own, rest: operands[0].norms.map { constant.times($0) })
    case .elementwise(let constant):
      let local = own.indices.map { i in
        let passed = UpperBound(proven: operands[0].local[i])
        // Where the range is a point, as below a rectifier's 0, nothing is handed on.
        let width = (result.exact.upper[i] - result.exact.lower[i]).nextUp
        let most = constant.times(passed).value
        return (width < most ? width : most) + own[i]
      }
      return Drift(local: local, rest: operands[0].rest.map { constant.times($0) })
    case .sum:
      let local = own.indices.map { i in operands.reduce(own[i]) { $0 + $1.local[i] } }
      let rest = operands[0].rest.indices.map { lane in
        operands.reduce(UpperBound.zero) { $0 + $1.rest[lane] }
      }
      return Drift(local: local, rest: rest)
    case .concatenation:
      let norms = operands.map(\.norms)
      let rest = norms[0].indices.map { lane in
        norms.reduce(UpperBound.zero) { $0 + $1[lane] * $1[lane] }.squareRoot()
      }
      return Drift(local: own, rest: rest)
    }
  }
}

extension UpperBound {
  /// The product, 0 where the other factor is 0 whatever this one.
  fileprivate func times(_ distance: UpperBound) -> UpperBound {
    distance == .zero ? .zero : self * distance
  }
}

/// What a last layer's exact function makes of the difference between its executed and its exact operand.
public enum InheritedError: Sendable {
  /// The ℓ2 norm of what it makes.
  case norm(UpperBound)
  /// It is W x + b: the rows of W, and the difference of the operand.
  case rows([Float], local: [Double], rest: UpperBound)

  /// Bounds the change of one element.
  func bound(_ i: Int) -> UpperBound {
    switch self {
    case .norm(let norm): norm
    case .rows(let matrix, let local, let rest):
      Self.bound(matrix[(i * local.count)...].prefix(local.count).map(Double.init), local, rest)
    }
  }

  /// Bounds the change of the difference of two elements: ‖e_i − e_j‖ = √2.
  func bound(_ i: Int, _ j: Int) -> UpperBound {
    switch self {
    case .norm(let norm): UpperBound(proven: 2).squareRoot() * norm
    case .rows(let matrix, let local, let rest):
      Self.bound(
        local.indices.map {
          let step = Double(matrix[i * local.count + $0]) - Double(matrix[j * local.count + $0])
          return abs(step).nextUp
        }, local, rest)
    }
  }

  /// |⟨w, e + d⟩| ≤ Σ |w||e| + ‖w‖‖d‖.
  private static func bound(
    _ row: [Double], _ local: [Double], _ rest: UpperBound
  ) -> UpperBound {
    var (sum, squares) = (0.0, 0.0)
    for (w, e) in zip(row, local) {
      sum += abs(w) * e
      squares += w * w
    }
    let inflation = UpperBound(proven: 1 + Double(row.count + 8) * 0x1p-52)
    // The least numbers cover products that underflow.
    let norm = (UpperBound(proven: squares) * inflation + UpperBound(proven: 0x1p-900)).squareRoot()
    return UpperBound(proven: sum) * inflation + UpperBound(proven: 0x1p-900) + norm * rest
  }
}
