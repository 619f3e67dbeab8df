import Enclosure

/// Σ|x| or √max(Σx², 2⁻¹⁰⁰) of each window of an image.
struct LPPool: GroupLayer {
  static let kind = "lp_pool"
  static let keys = Pooling.keys + [LayerKey("p", .integer(1...2))]

  let shape: [Int]
  let form: LayerForm
  private let groups: [[Int32]]
  /// The numbers that execution adds, with zeros of the padding.
  private let terms: Int
  private let isEuclidean: Bool

  init(_ layer: LayerDescription) throws(Refusal) {
    let window = try Pooling.window(layer)
    shape = [window.channels] + window.outputShape
    (groups, terms) = (window.groups, window.taps)
    isEuclidean = try layer.keys("p").integer == 2
    form =
      isEuclidean
      ? .nonlinear(window.overlapNorm)
      : .nonlinearNorm(try layer.map(window.sums(times: 1), terms: 0))
  }

  func values(_ x: GroupValues) -> GroupValues {
    guard isEuclidean else { return x.map(\.absolute).sums(of: groups, terms: terms) }
    return x.map(\.squared).sums(of: groups, terms: terms).map {
      $0.clamped(above: 0x1p-100).squareRoot
    }
  }
}
