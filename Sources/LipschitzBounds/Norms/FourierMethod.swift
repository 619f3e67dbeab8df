import Enclosure

/// The norm of a zero-padded convolution, bounded by that of a circular one on a sufficiently large torus.
///
/// Separated by the phases of the stride, y[p] = Σ K[k] x_r[p + a] with k·d − padding = s·a + r. The torus
/// has N ≥ max(n − a_min, n′ + a_max, n, n′) positions along each axis, for n positions of a phase and n′ of
/// the output. Then no tap wraps around to an element, so A = R C E: E is an isometry that pads with zeros,
/// C is the circular convolution and R a restriction. Hence ‖A‖ ≤ ‖C‖, which is the maximum of ‖B(ω)‖ over
/// the N² frequencies. The symbols B are computed as sums over the taps, and the errors of the phases and of
/// the sums are added. Conjugate frequencies have the same norm. Sedghi et al. 2019 for C; the embedding is
/// proved in `docs/soundness.md`. Usually 0.5–5 % above the norm; N²/2 factorizations of order
/// 2·min(M, C s²).
struct FourierMethod: NormMethod {
  static let name = "fourier"
  static let theorem = "zero-padded convolution = restriction of a circular one on a larger torus"
  static let summary = "one small matrix for each frequency; 0.5 to 5 % above the norm"

  func cost(of block: any LinearBlock) -> Double? {
    guard let convolution = block as? ConvolutionBlock else { return nil }
    let symbol = ConvolutionSymbol(convolution)
    let small = Double(2 * min(symbol.rows, symbol.columns))
    let large = Double(2 * max(symbol.rows, symbol.columns))
    let sums = 8 * Double(convolution.taps.count) * Double(symbol.rows * convolution.channels)
    return Double(symbol.frequencies.count) * (small * small * large + small * small * small + sums)
  }

  func bound(_ block: any LinearBlock) -> BlockBound {
    guard let convolution = block as? ConvolutionBlock else {
      return BlockBound(upper: block.magnitude, reason: "not a convolution")
    }
    let symbol = ConvolutionSymbol(convolution)
    var workspace: [Double] = []
    var top = 0.0
    var eigenvalue = UpperBound.zero
    for frequency in symbol.frequencies {
      let gram = symbol.matrix(at: frequency).gram()
      let known = Self.bound(gram.matrix, near: &top, &workspace)
      eigenvalue = max(eigenvalue, known + gram.error)
    }
    let size = symbol.torus.map(String.init).joined(separator: "×")
    return BlockBound(
      upper: min(eigenvalue.squareRoot() + symbol.error, block.magnitude),
      reason: "\(symbol.frequencies.count) frequencies of the \(size) torus")
  }

  /// Bounds the largest eigenvalue, if possible by the largest bound of the frequencies before.
  private static func bound(
    _ matrix: BandMatrix, near top: inout Double, _ workspace: inout [Double]
  ) -> UpperBound {
    let rowSum =
      UpperBound(proven: matrix.largestRowSum)
      / LowerBound.one.reduced(by: AccumulatedError.gamma(2 * matrix.order))
    if rowSum.value <= top { return rowSum }
    if PositiveDefiniteness.factorizes(top, minus: matrix, &workspace) {
      return UpperBound(proven: top) + PositiveDefiniteness.slack(top, matrix)
    }
    let estimate = LanczosEstimate(order: matrix.order) { matrix.times($0) }.value
    let bound = CholeskyMethod.largestEigenvalue(
      of: matrix, estimate: estimate, workspace: &workspace)
    if bound.isFinite { top = max(top, bound.value) }
    return bound
  }
}
