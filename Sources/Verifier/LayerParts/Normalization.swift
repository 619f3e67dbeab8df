import Enclosure

/// Groups of neighboring elements with mean 0 and variance 1: less the mean, divided by √(σ² + ε), times a
/// factor and plus an offset for each element.
struct Normalization: Sendable {
  /// Bounds the Lipschitz constant: max |γ|/√ε.
  let constant: UpperBound
  private let groups: [[Int32]]
  private let epsilon: Double
  private let affine: (factors: [Double], offsets: [Double])?

  static let keys = [
    LayerKey("epsilon", .float32(0x1p-126...LayerKey.finite.upperBound)), LayerKey("affine", .flag),
  ]

  /// - Parameters:
  ///   - count: the number of groups.
  ///   - extents: the shape of factors and offsets.
  init(_ layer: LayerDescription, groups count: Int, parameters extents: [Int]) throws(Refusal) {
    let size = layer.inputCount / count
    guard size >= 2 else { throw layer.malformed("must have at least 2 elements in a group") }
    epsilon = try layer.float32("epsilon")
    var constant = UpperBound.one / LowerBound(proven: epsilon).squareRoot()
    if try layer.keys("affine").flag {
      let repeats = layer.inputCount / extents.reduce(1, *)
      let factors = try layer.parameter("weight", extents, repeated: repeats)
      affine = (factors, try layer.parameter("bias", extents, repeated: repeats))
      constant = constant * UpperBound(proven: factors.reduce(0) { max($0, $1.magnitude) })
    } else {
      affine = nil
    }
    self.constant = constant
    groups = layer.groups(of: size)
  }

  func callAsFunction(_ x: GroupValues) -> GroupValues {
    let count = Rounded(exactly: Double(groups[0].count), x.format)
    let centered = x.centered(groups)
    let squares = centered.map(\.squared).sums(of: groups, terms: groups[0].count)
    let deviations = squares.map { ($0 / count).plus(epsilon).squareRoot }
    let normal = centered.with(deviations.spread(over: groups)) { $0 / $1 }
    guard let affine else { return normal }
    return normal.with(affine.factors) { $0.scaled($1) }.with(affine.offsets) { $0.plus($1) }
  }
}
