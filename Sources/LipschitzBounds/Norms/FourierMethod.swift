import Enclosure
import MatrixProducts

/// The norm of a zero-padded convolution, bounded by that of a circular one on a sufficiently large torus.
///
/// Separated by the phases of the stride, y[p] = Σ K[k] x_r[p + a] with k·d − padding = s·a + r. The torus
/// has N ≥ max(n − a_min, n′ + a_max, n, n′) positions along each axis, for n positions of a phase and n′ of
/// the output. Then no tap wraps around to an element, so A = R C E: E is an isometry that pads with zeros,
/// C is the circular convolution and R a restriction. Hence ‖A‖ ≤ ‖C‖, which is the maximum of ‖B(ω)‖ over
/// the N² frequencies. The Gram matrices of the symbols B are sums over differences of taps, and the errors of
/// the phases and of the sums are added. Conjugate frequencies have the same norm. Sedghi et al. 2019 for C; the
/// embedding is proved in `docs/soundness.md`. Usually 0.5–5 % above the norm; N²/2 factorizations of order
/// 2·min(M, C s²).
struct FourierMethod: NormMethod {
  static let name = "fourier"
  static let theorem = "zero-padded convolution = restriction of a circular one on a larger torus"
  static let summary = "one small matrix for each frequency; 0.5 to 5 % above the norm"

  /// Frequencies of one unit of work.
  private static let share = 12
  /// Frequencies for which the same number is tried first.
  private static let batch = 8 * share

  /// Steps of the Lanczos process that order the frequencies.
  private static let estimateSteps = 8

  func cost(of block: any LinearBlock) -> Double? {
    guard let convolution = block as? ConvolutionBlock else { return nil }
    let symbol = ConvolutionSymbol(convolution)
    let order = Double(2 * symbol.order)
    let factor = order * order * (order / 6 + 8)
    return symbol.cost + Double(symbol.frequencies.count) * factor
  }

  func bound(_ block: any LinearBlock, _ workers: Workers) -> BlockBound {
    guard let convolution = block as? ConvolutionBlock else {
      return BlockBound(upper: block.magnitude, reason: "not a convolution")
    }
    let symbol = ConvolutionSymbol(convolution)
    let grams = symbol.grams(workers)
    let eigenvalue = Self.largest(of: grams, symbol.frequencies, workers)
    let size = symbol.torus.map(String.init).joined(separator: "×")
    return BlockBound(
      upper: min((eigenvalue + symbol.error).squareRoot(), block.magnitude),
      reason: "\(symbol.frequencies.count) frequencies of the \(size) torus")
  }

  /// Bounds the largest eigenvalue of all Gram matrices.
  ///
  /// The frequencies with the largest estimates go first, and the largest bound of those before is tried for the
  /// next ones. A batch does not depend on the number of workers.
  private static func largest(
    of grams: SymbolGrams, _ frequencies: [(Int, Int)], _ workers: Workers
  ) -> UpperBound {
    let ordered = ordered(frequencies, grams, workers)
    var largest = UpperBound.zero
    var first = 0
    while first < ordered.count {
      let end = min(ordered.count, first == 0 ? 1 : first + batch)
      let (start, top) = (first, largest.value)
      let found = workers.map((end - first + share - 1) / share) { unit in
        let from = start + unit * share
        return bound(grams, ordered[from..<min(end, from + share)], near: top)
      }
      largest = found.reduce(largest) { max($0, $1) }
      first = end
    }
    return largest
  }

  /// The frequencies in descending order of estimates of their largest eigenvalues.
  private static func ordered(
    _ frequencies: [(Int, Int)], _ grams: SymbolGrams, _ workers: Workers
  ) -> [(Int, Int)] {
    let estimates = workers.map((frequencies.count + share - 1) / share) { unit in
      var found: [Double] = []
      let last = min(frequencies.count, (unit + 1) * share)
      grams.forEachMatrix(at: frequencies[unit * share..<last]) { matrix in
        let top = LanczosEstimate(order: matrix.order, steps: estimateSteps) { matrix.times($0) }
        found.append(top.value)
      }
      return found
    }.flatMap(\.self)
    return estimates.indices.sorted { (estimates[$0], $1) > (estimates[$1], $0) }.map {
      frequencies[$0]
    }
  }

  /// Bounds the largest eigenvalue of some Gram matrices, by `top` for those for which that is possible.
  private static func bound(
    _ grams: SymbolGrams, _ frequencies: ArraySlice<(Int, Int)>, near top: Double
  ) -> UpperBound {
    var workspace: [Double] = []
    var largest = UpperBound.zero
    grams.forEachMatrix(at: frequencies) { matrix in
      largest = max(largest, bound(matrix, near: max(top, largest.value), &workspace))
    }
    return largest
  }

  private static func bound(
    _ matrix: BandMatrix, near top: Double, _ workspace: inout [Double]
  ) -> UpperBound {
    let rowSum =
      UpperBound(proven: matrix.largestRowSum)
      / LowerBound.one.reduced(by: AccumulatedError.gamma(2 * matrix.order))
    if rowSum.value <= top { return rowSum }
    if top > 0, PositiveDefiniteness.factorizes(top, minus: matrix, &workspace) {
      return UpperBound(proven: top) + PositiveDefiniteness.slack(top, matrix)
    }
    let estimate = LanczosEstimate(order: matrix.order) { matrix.times($0) }.value
    return CholeskyMethod.largestEigenvalue(
      of: matrix, estimate: estimate, workspace: &workspace, .single)
  }
}
