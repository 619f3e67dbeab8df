import Enclosure

/// How a layer's bound follows from those of layers before it.
enum Composition: Sendable {
  /// From the bounds of its operands and its own constant.
  case operands
  /// By a sum of terms.
  case sum([Term], replaced: Set<Int>)
  /// By a part of the network as a whole, from a source on, with the positions between them.
  case part(norm: ClaimedBound, source: Int, between: Set<Int>)

  /// Π factors · ‖map‖ · L(source).
  struct Term: Sendable {
    let norm: ClaimedBound
    let source: Int
  }

  /// The bound, from those of earlier positions; nil where it is that of the operands.
  func bound(by bounds: [ClaimedBound]) -> ClaimedBound? {
    switch self {
    case .operands: nil
    case .sum(let terms, _):
      terms.reduce(.zero) { $0 + $1.norm * bounds[$1.source] }
    case .part(let norm, let source, _): norm * bounds[source]
    }
  }
}

/// Bounds differences of two outputs by what parts of the network make of values before them:
/// |Δ(F_i − F_j)| ≤ Σ distances[i, j]·‖Δ source‖.
struct DifferenceBound: Sendable {
  /// The value that a part begins with, and its bound for each pair, row-major.
  let parts: [(source: Int, distances: [ClaimedBound])]
  /// The positions on which the bound no longer depends.
  let replaced: Set<Int>
}
