/// The N-th roots of unity: cos and sin of 2πj/N for j < N, each within ``error`` of the exact value.
///
/// The argument is reduced to [0, π/4] in exact integer arithmetic. There the Taylor polynomials of
/// degree 20 and 21 have remainders below 10⁻²³. The argument has three rounding errors of at most u·π/4
/// each, and Horner's scheme adds less than eight of size u (Higham, §5.1). So the accuracy does not depend
/// on a library of mathematical functions.
struct RootsOfUnity: Sendable {
  /// 16 u.
  static let error = 0x1p-49

  let cosines: [Double]
  let sines: [Double]

  init(_ count: Int) {
    let points = (0..<count).map { Self.point($0, count) }
    cosines = points.map(\.cosine)
    sines = points.map(\.sine)
  }

  private static func point(_ j: Int, _ count: Int) -> (cosine: Double, sine: Double) {
    // First the quadrant, then reflection at an eighth of a turn.
    let quarter = 4 * j / count
    let rest = 4 * j - quarter * count
    let isMirrored = 2 * rest > count
    let small = isMirrored ? count - rest : rest
    let angle = Double(small) * (Double.pi / 2) / Double(count)
    var (cosine, sine) = (Self.cosine(angle), Self.sine(angle))
    if isMirrored { swap(&cosine, &sine) }
    return switch quarter {
    case 0: (cosine, sine)
    case 1: (-sine, cosine)
    case 2: (-cosine, -sine)
    default: (sine, -cosine)
    }
  }

  private static func cosine(_ x: Double) -> Double {
    let square = x * x
    var sum = 1.0
    for k in stride(from: 20, to: 0, by: -2) { sum = 1 - square / Double(k * (k - 1)) * sum }
    return sum
  }

  private static func sine(_ x: Double) -> Double {
    let square = x * x
    var sum = 1.0
    for k in stride(from: 21, to: 1, by: -2) { sum = 1 - square / Double(k * (k - 1)) * sum }
    return x * sum
  }
}
