import Diagnostics
import Glibc

extension RunRecord {
  /// The plots of one run, or of several beside each other: accuracy, then what each run alone has.
  static func plots(of runs: [RunRecord]) -> [Plot] {
    let one = runs.count == 1 ? runs.flatMap { $0.trainingPlots + [$0.histogram] } : []
    return ([accuracyPlot(of: runs)] + one).filter { !$0.isEmpty }
  }

  /// Accuracy against radius: certified by each run, under its attacks, and what the data alone allow.
  static func accuracyPlot(of runs: [RunRecord]) -> Plot {
    let certified = runs.flatMap { $0.points.map(\.radius) }.max() ?? 0
    let asked = runs.flatMap(\.radii).max() ?? 0
    let end = max(certified, asked, 1e-6) * 1.02
    let grid = (0...200).map { Double($0) / 200 * end }
    let names = runs.names
    var series: [Plot.Series] = []
    for (run, name) in zip(runs, names) {
      let prefix = runs.count == 1 ? "" : name + ": "
      series.append(.init(name: prefix + "certified", points: run.certifiedCurve(grid)))
      if let attacked = run.attackedCurve(grid) {
        series.append(
          .init(
            name: prefix + "no adversarial example found", style: .reference, points: attacked))
      }
    }
    let references = [
      ("nearest_neighbor", "nearest neighbor, certified"), ("ceiling", "ceiling of the data"),
    ]
    for (key, name) in references {
      guard let points = runs.lazy.compactMap({ $0.quantileCurve(key, end) }).first else {
        continue
      }
      series.append(.init(name: name, style: .reference, points: points))
    }
    return Plot(
      name: "accuracy", title: "Accuracy against the radius of perturbations",
      horizontal: "ℓ2 radius", vertical: "share of test points", scale: .percent, series: series)
  }

  /// The radii that the spec asks for.
  private var radii: [Double] {
    (result["certified_accuracy"]?.elements ?? []).compactMap { $0["value"]?.number }
      .filter(\.isFinite)
  }

  /// The share of points with a radius above each of the grid's.
  private func certifiedCurve(_ grid: [Double]) -> [(x: Double, y: Double)] {
    let sorted = points.map(\.radius).sorted()
    return grid.map { ($0, sorted.share(above: $0)) }
  }

  /// The share of points that are right and not misclassified within each radius by an attack's example;
  /// nil without examples.
  private func attackedCurve(_ grid: [Double]) -> [(x: Double, y: Double)]? {
    guard !adversarial.distances.isEmpty else { return nil }
    let sorted = points.enumerated().map { place, point in
      point.isCorrect ? adversarial.distances[place] ?? .infinity : 0
    }.sorted()
    return grid.map { ($0, sorted.share(above: $0)) }
  }

  /// A curve from quantiles of what the data alone say, up to a radius.
  private func quantileCurve(_ key: String, _ end: Double) -> [(x: Double, y: Double)]? {
    let quantiles = (result["data"]?[key]?["quantiles"]?.elements ?? []).compactMap(\.number)
    guard quantiles.count > 1 else { return nil }
    let steps = Double(quantiles.count - 1)
    let curve = quantiles.enumerated().map { (x: $1, y: 1 - Double($0) / steps) }
    let inside = curve.filter { $0.x <= end }
    let first = inside.last { $0.x == 0 } ?? (x: 0, y: 1)
    return [first] + inside.filter { $0.x > 0 }
      + (inside.count < curve.count ? [(x: end, y: inside.last?.y ?? 1)] : [])
  }

  /// Loss, accuracy, Lipschitz estimate and margin weight over the epochs.
  var trainingPlots: [Plot] {
    func series(_ name: String, _ key: String) -> Plot.Series {
      .init(
        name: name,
        points: epochs.compactMap { line in
          guard let epoch = line["epoch"]?.number, let value = line[key]?.number,
            epoch.isFinite, value.isFinite
          else { return nil }
          return (epoch, value)
        })
    }
    func plot(
      _ name: String, _ title: String, _ vertical: String, _ scale: Plot.Scale,
      _ series: [Plot.Series]
    ) -> Plot {
      Plot(
        name: name, title: title, horizontal: "epoch", vertical: vertical, scale: scale,
        series: series.filter { !$0.points.isEmpty })
    }
    let constant = series("L", "lipschitz_estimate")
    return [
      plot("loss", "Training loss, mean of each epoch", "loss", .number, [series("loss", "loss")]),
      plot(
        "training-accuracy", "Accuracy on the data of each epoch", "accuracy", .percent,
        [series("training", "accuracy"), series("validation", "validation_accuracy")]),
      plot(
        "lipschitz", "Estimate of the Lipschitz constant in training", "L ≈",
        constant.spansDecades ? .logarithmic : .number, [constant]),
      plot("margin-weight", "Margin weight of the loss", "c", .number, [series("c", "c")]),
    ].filter { !$0.isEmpty }
  }

  /// How many points have a certified radius in each of 30 intervals.
  var histogram: Plot {
    let radii = points.map(\.radius).filter { $0 > 0 && $0.isFinite }
    let width = max((radii.max() ?? 0) * 1.0001 / 30, 1e-12)
    var counts = [Int](repeating: 0, count: 30)
    for radius in radii { counts[min(29, Int(radius / width))] += 1 }
    let zero = NumberText.grouped(points.count { $0.radius == 0 })
    let columns = counts.enumerated().map { (x: Double($0) * width, y: Double($1)) }
    return Plot(
      name: "radii", title: "Certified radii above 0; \(zero) points have radius 0",
      horizontal: "certified radius", vertical: "test points",
      series: [
        .init(name: "points", style: .columns, points: columns + [(x: 30 * width, y: 0)])
      ])
  }
}

extension Plot.Series {
  /// Whether the largest number is more than 20 times the smallest.
  fileprivate var spansDecades: Bool {
    let heights = points.map(\.y).filter { $0 > 0 }
    return (heights.max() ?? 0) > 20 * (heights.min() ?? 0)
  }
}

extension [RunRecord] {
  /// A name for each: that of its spec, with the folder where several have the same.
  var names: [String] {
    map { run in
      count(where: { $0.name == run.name }) > 1 ? "\(run.name) (\(run.folder.path))" : run.name
    }
  }
}

extension [Double] {
  /// The share of elements above a number; the elements are sorted.
  fileprivate func share(above number: Double) -> Double {
    guard !isEmpty else { return 0 }
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] > number { high = middle } else { low = middle + 1 }
    }
    return Double(count - low) / Double(count)
  }
}
