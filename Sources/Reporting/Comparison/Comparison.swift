import Diagnostics
import Glibc

/// Runs beside each other: a row for each, those that differ only by their seed joined.
public struct Comparison: Sendable {
  /// A number of one or several runs.
  struct Measured: Sendable {
    let values: [Double]

    /// The mean; nil where a run has no finite value.
    var mean: Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// The sample standard deviation; nil for fewer than two values.
    var deviation: Double? {
      guard values.count > 1, let mean else { return nil }
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(values.count - 1)).squareRoot()
    }
  }

  /// Runs of one spec.
  struct Row: Sendable {
    let name: String
    /// The values of the paths that differ; nil where the spec has none.
    let settings: [String?]
    let runs: [RunRecord]

    func measured(_ value: (JSONValue) -> JSONValue?) -> Measured {
      let values = runs.compactMap { value($0.result)?.number }
      return Measured(values: values.count == runs.count ? values : [])
    }
  }

  /// A column of numbers.
  struct Quantity: Sendable {
    let title: String
    /// How a number is written.
    let form: Form
    let value: @Sendable (JSONValue) -> JSONValue?

    enum Form: Sendable {
      case share(NumberText.Rounding)
      case number(NumberText.Rounding)
      case seconds
    }
  }

  /// The paths in the specs that differ.
  let paths: [String]
  let rows: [Row]
  let quantities: [Quantity]

  /// Reads what the runs were made from; throws `file.…` where a folder lacks its spec.
  public init(_ runs: [RunRecord]) throws(Failure) {
    var specs: [SpecValues] = []
    for run in runs { specs.append(try SpecValues(run.folder)) }
    paths = SpecValues.differences(specs)
    var groups: [[Int]] = []
    var places: [[String]: Int] = [:]
    for (index, spec) in specs.enumerated() {
      let key = spec.withoutSeed
      if let place = places[key] {
        groups[place].append(index)
      } else {
        places[key] = groups.count
        groups.append([index])
      }
    }
    rows = groups.map { [paths] group in
      Row(
        name: group.count == 1 ? runs[group[0]].folder.path : runs[group[0]].name,
        settings: paths.map { specs[group[0]][$0] }, runs: group.map { runs[$0] })
    }
    quantities = Self.quantities(runs)
  }

  /// The plot of all runs, as SVG.
  public var plot: String { RunRecord.accuracyPlot(of: rows.flatMap(\.runs)).file }

  private static func quantities(_ runs: [RunRecord]) -> [Quantity] {
    var radii: [(text: String, value: Double)] = []
    for row in runs.flatMap({ $0.result["certified_accuracy"]?.elements ?? [] }) {
      guard let text = row["radius"]?.string, let value = row["value"]?.number,
        !radii.contains(where: { $0.text == text })
      else { continue }
      radii.append((text, value))
    }
    radii.sort { $0.value < $1.value }
    let certified = radii.map { radius in
      Quantity(title: "certified(\(radius.text))", form: .share(.down)) { result in
        result["certified_accuracy"]?.elements?.first {
          $0["radius"]?.string == radius.text
        }?["accuracy"]
      }
    }
    return [Quantity(title: "clean", form: .share(.nearest)) { $0["clean_accuracy"] }] + certified
      + [
        Quantity(title: "median radius", form: .number(.down)) { $0["radius"]?["median"] }
      ] + wasserstein(runs) + [
        Quantity(title: "L", form: .number(.up)) { $0["lipschitz"]?["upper"] },
        Quantity(title: "seconds", form: .seconds) { $0["train"]?["seconds"] },
      ]
  }

  /// A column where a run has a critic.
  private static func wasserstein(_ runs: [RunRecord]) -> [Quantity] {
    guard runs.contains(where: { $0.result["wasserstein"] != nil }) else { return [] }
    return [
      Quantity(title: "Wasserstein ≥", form: .number(.down)) { $0["wasserstein"]?["lower"] }
    ]
  }
}

extension Comparison.Quantity {
  /// A number as a person reads it, with its deviation.
  func text(_ measured: Comparison.Measured) -> String {
    guard let mean = measured.mean else { return "—" }
    guard let deviation = measured.deviation else { return text(mean) }
    switch form {
    case .share(let rounding):
      return "\(NumberText.percent(mean, rounding).dropLast()) ± "
        + NumberText.percent(deviation)
    case .number(let rounding):
      let digits = Self.digits(of: deviation)
      return "\(NumberText.fixed(mean, digits: digits, rounding)) ± "
        + NumberText.fixed(deviation, digits: digits)
    case .seconds:
      return "\(NumberText.fixed(mean, digits: 1)) ± "
        + NumberText.fixed(deviation, digits: 1)
    }
  }

  private func text(_ value: Double) -> String {
    switch form {
    case .share(let rounding): NumberText.percent(value, rounding)
    case .number(let rounding): NumberText.significant(value, rounding)
    case .seconds: NumberText.fixed(value, digits: 1)
    }
  }

  /// Places after the point that show two digits of a deviation.
  private static func digits(of deviation: Double) -> Int {
    guard deviation > 0, deviation.isFinite else { return 3 }
    return max(0, min(9, 1 - Int(log10(deviation).rounded(.down))))
  }
}
