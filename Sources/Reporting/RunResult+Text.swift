import Diagnostics

extension RunResult {
  /// The table for standard output.
  public var text: String {
    var blocks = [heading, accuracyTable.text]
    if let chain = adversarial?.chain { blocks.append(chain.table.text) }
    blocks += [lipschitzLine, roundingLine, timeLine]
    if !requirements.isEmpty { blocks.append(requirementTable.text) }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private var heading: String {
    "\(name): \(NumberText.grouped(summary.points.count)) test points"
  }

  private var accuracyTable: Table {
    var table = Table([("ℓ2 radius", .left), ("accuracy", .right), ("", .left)])
    table.append(["clean", NumberText.percent(summary.cleanAccuracy), "measured"])
    for row in certified {
      let share = NumberText.percentDown(row.count, of: summary.points.count)
      table.append([row.text, share, "certified"])
    }
    for row in adversarial?.rows ?? [] {
      let share = NumberText.percent(row.accuracy)
      table.append([row.radius, share, "under \(row.name)"])
    }
    table.append([
      "median", NumberText.significant(summary.medianRadius, .down), "certified radius",
    ])
    table.append(["mean", NumberText.significant(summary.meanRadius, .down), "certified radius"])
    return table
  }

  private var lipschitzLine: String {
    let upper = NumberText.significant(lipschitz.upper, .up)
    let lower = NumberText.significant(lipschitz.lower, .down)
    let pair = NumberText.significant(pairwise, .up)
    return "  Lipschitz constant ≤ \(upper) (\(lower) with lower bounds on the norms); "
      + "of any difference of logits ≤ \(pair)"
  }

  private var roundingLine: String {
    let error = NumberText.significant(summary.largestError.value, .up)
    let lost = certified.map { $0.exactCount - $0.count }.max() ?? 0
    let points = Double(lost) / Double(max(1, summary.points.count)) * 100
    let price = NumberText.fixed(points, digits: 1, .up)
    return "  float32 rounding changes a logit by at most \(error) inside a certified ball; "
      + "accounting for it lowers certified accuracy by at most \(price) points"
  }

  private var timeLine: String {
    var certification =
      "certified in \(NumberText.fixed(certificationSeconds, digits: 2)) s"
    if let adversarial {
      certification += ", attacked in \(NumberText.fixed(adversarial.seconds, digits: 1)) s"
    }
    guard let training else { return "  \(certification)" }
    return
      "  trained \(training.epochs) \(training.epochs == 1 ? "epoch" : "epochs") in \(NumberText.fixed(training.seconds, digits: 1)) s"
      + " (\(NumberText.grouped(Int(training.imagesPerSecond))) images/s), \(certification)"
  }

  private var requirementTable: Table {
    var table = Table([("requirement", .left), ("verdict", .left)])
    for requirement in requirements { table.append([requirement.text, requirement.verdict]) }
    return table
  }
}
