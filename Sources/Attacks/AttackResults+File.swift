import Certification
import FileFormats

extension AttackResults {
  /// How many of the points with the smallest certified radii, and of those with the largest, keep their
  /// adversarial example.
  public static let shownExamples = 8

  /// `adversarial.npz`: `index` and `distance` of each example, and for the places in `shown` the `points`.
  ///
  /// - Parameter points: the certificates in the order of the test points.
  public func examples(shownOf points: [PointCertificate]) -> [UInt8] {
    let kept = Self.shownPlaces(
      points.enumerated().filter { $1.isCorrect }.map { ($0, $1.radius.value) })
    let places = Set(kept.least + kept.most)
    let shown = nearest.filter { places.contains($0.index) }
    return NPZWriter.bytes([
      .init("index", shape: [nearest.count], elements: nearest.map { Double($0.index) }),
      .init("distance", shape: [nearest.count], elements: nearest.map(\.distance)),
      .init("shown", shape: [shown.count], elements: shown.map { Double($0.index) }),
      .init("points", shape: [shown.count] + sampleShape, elements: shown.flatMap(\.point)),
    ])
  }

  /// The places of the points with the smallest radii, and of those with the largest, largest first.
  public static func shownPlaces(
    _ radii: [(place: Int, radius: Double)]
  ) -> (least: [Int], most: [Int]) {
    let sorted = radii.sorted { ($0.radius, $0.place) < ($1.radius, $1.place) }.map(\.place)
    let count = min(shownExamples, sorted.count / 2)
    return (Array(sorted.prefix(count)), Array(sorted.suffix(count).reversed()))
  }
}
