import Certification
import Diagnostics
import SpecSyntax

/// What the data alone say about test points, or why it is not known, as a report shows it.
struct DataComparison: Sendable {
  private let geometry: Result<DataGeometry, Failure>
  private let radii: [ExactNumber]

  /// - Parameter radii: at which certified accuracies are compared.
  init(_ geometry: Result<DataGeometry, Failure>, radii: [ExactNumber]) {
    (self.geometry, self.radii) = (geometry, radii)
  }

  /// The key `data` of `result.json`.
  var json: JSONValue {
    switch geometry {
    case .failure(let failure):
      return ["missing": .string(failure.summary)]
    case .success(let geometry):
      let points = geometry.points
      func shares(_ radius: (DataGeometry.Point) -> Double) -> JSONValue {
        .array(
          radii.map { at in
            let count = points.count { radius($0) > at.upper }
            return [
              "radius": .string(at.text), "value": .number(at.nearest),
              "accuracy": .number(Double(count) / Double(points.count)),
            ]
          })
      }
      return [
        "points": .integer(points.count), "training_samples": .integer(geometry.trainingCount),
        "nearest_neighbor": [
          "clean_accuracy": .number(
            Double(points.count(where: \.isNeighborCorrect)) / Double(points.count)),
          "certified_accuracy": shares(\.neighborRadius),
          "median_radius": .number(median(\.neighborRadius)),
          "quantiles": quantiles(\.neighborRadius),
        ],
        "ceiling": [
          "certified_accuracy": shares(\.ceiling), "median_radius": .number(median(\.ceiling)),
          "quantiles": quantiles(\.ceiling),
        ],
      ]
    }
  }

  /// The cells of a row of the table of accuracies, `1-NN` and `ceiling`; none where nothing is known.
  func cells(_ row: Row) -> [String] {
    guard case .success(let geometry) = geometry else { return [] }
    let points = geometry.points
    func share(_ count: Int) -> String { NumberText.percentDown(count, of: points.count) }
    switch row {
    case .clean:
      return [share(points.count(where: \.isNeighborCorrect)), ""]
    case .radius(let index):
      let radius = radii[index].upper
      return [
        share(points.count { $0.neighborRadius > radius }),
        share(points.count { $0.ceiling > radius }),
      ]
    case .median:
      return [
        NumberText.significant(median(\.neighborRadius), .down),
        NumberText.significant(median(\.ceiling), .down),
      ]
    }
  }

  /// The rows that have something to compare with.
  enum Row {
    case clean
    /// By the place of a radius in the spec.
    case radius(Int)
    case median
  }

  /// What the columns mean, or why there are none.
  ///
  /// - Parameter certified: how many test points were certified.
  func note(certified: Int) -> String {
    switch geometry {
    case .failure(let failure):
      return "  no comparison with the nearest neighbor: \(failure.summary)"
    case .success(let geometry):
      let samples = NumberText.grouped(geometry.trainingCount)
      let count = geometry.points.count
      let part = count < certified ? " (first \(NumberText.grouped(count)) points)" : ""
      return """
          1-NN: the label of the nearest of \(samples) training samples, with its certificate\(part)
          ceiling: the nearest sample of another class is more than twice the radius away\(part);
            a network certified beyond it falls short at that sample
        """
    }
  }

  /// The radii that 0, 1, …, 100 percent of the points do not exceed, for plots.
  private func quantiles(_ radius: (DataGeometry.Point) -> Double) -> JSONValue {
    guard case .success(let geometry) = geometry else { return [] }
    let sorted = geometry.points.map(radius).sorted()
    guard !sorted.isEmpty else { return [] }
    return .array((0...100).map { .number(sorted[$0 * (sorted.count - 1) / 100]) })
  }

  private func median(_ radius: (DataGeometry.Point) -> Double) -> Double {
    guard case .success(let geometry) = geometry else { return 0 }
    let sorted = geometry.points.map(radius).sorted()
    return sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
  }
}

extension Failure {
  /// The message of the first diagnostic.
  fileprivate var summary: String { diagnostics.first?.message ?? "unknown" }
}
