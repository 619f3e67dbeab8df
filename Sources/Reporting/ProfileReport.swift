import Diagnostics
import Execution
import Training

/// Where training steps spent their time: by kind of operation, and step by step of the engine's plan.
struct ProfileReport {
  /// Steps that the table shows, the slowest first; JSON has them all.
  private static let shown = 20

  /// Operations of one kind, or one operation.
  private struct Row {
    let title: String
    /// Operations of the plan in the row.
    var count = 1
    /// The work of one training step; nil if the engine does not state it.
    var work: StepWork?
    /// Seconds of one training step.
    var seconds: Double
  }

  private let profile: ExecutionProfile
  /// Seconds of training, whatever they were spent on.
  private let seconds: Double

  /// nil if training was not profiled.
  init?(_ training: TrainingRecord) {
    guard let profile = training.profile else { return nil }
    self.profile = profile
    seconds = training.seconds
  }

  private var executions: Double { Double(max(1, profile.executions)) }

  /// The rows of the plan, in its order.
  private var steps: [Row] {
    profile.steps.map {
      Row(title: $0.summary, work: $0.work, seconds: $0.seconds / executions)
    }
  }

  /// The kinds, the slowest first.
  private var kinds: [Row] {
    var rows: [String: Row] = [:]
    for (row, step) in zip(steps, profile.steps) {
      guard let kind = rows[step.kind] else {
        rows[step.kind] = Row(title: step.kind, work: row.work, seconds: row.seconds)
        continue
      }
      let work = kind.work.flatMap { known in row.work.map { known + $0 } }
      rows[step.kind] = Row(
        title: kind.title, count: kind.count + 1, work: work, seconds: kind.seconds + row.seconds)
    }
    return rows.values.sorted { ($1.seconds, $0.title) < ($0.seconds, $1.title) }
  }

  /// Seconds of a training step outside the plan's operations: batches, checkpoints, validation,
  /// adversarial examples.
  private var rest: Double { max(0, seconds - profile.seconds) / executions }

  /// The share of a training step.
  private func share(_ part: Double) -> Double {
    let whole = profile.seconds / executions + rest
    return whole > 0 ? part / whole : 0
  }
}

extension ProfileReport {
  /// A heading and two tables.
  var blocks: [String] {
    let step = milliseconds(profile.seconds / executions + rest)
    let heading =
      "  profile of \(NumberText.grouped(profile.executions)) training steps of \(step) ms"
    let slowest = steps.enumerated().sorted {
      ($1.element.seconds, $0.offset) < ($0.element.seconds, $1.offset)
    }
    var operations = table(
      first: [("step", .right)], "operation",
      slowest.prefix(Self.shown).map { (["\($0.offset)"], $0.element) })
    let others = slowest.dropFirst(Self.shown).map(\.element)
    if !others.isEmpty {
      let time = others.reduce(0) { $0 + $1.seconds }
      operations.append(["", milliseconds(time), percent(time), "", "", "\(others.count) others"])
    }
    return [heading, kindTable.text, operations.text]
  }

  private var kindTable: Table {
    var table = table(
      first: [("steps", .right)], "kind of operation", kinds.map { (["\($0.count)"], $0) })
    table.append(["", milliseconds(rest), percent(rest), "", "", "outside the plan"])
    return table
  }

  private func table(
    first: [(title: String, alignment: Table.Alignment)], _ title: String,
    _ rows: [(cells: [String], row: Row)]
  ) -> Table {
    var table = Table(
      first + [
        ("ms", .right), ("share", .right), ("GFLOP/s", .right), ("GB/s", .right), (title, .left),
      ])
    for (cells, row) in rows {
      table.append(
        cells + [
          milliseconds(row.seconds), percent(row.seconds),
          row.work.map { rate($0.operations, row.seconds) } ?? "",
          row.work.map { rate($0.bytesRead + $0.bytesWritten, row.seconds) } ?? "", row.title,
        ])
    }
    return table
  }

  private func milliseconds(_ seconds: Double) -> String {
    NumberText.fixed(seconds * 1e3, digits: 3)
  }

  private func percent(_ part: Double) -> String { NumberText.percent(share(part)) }

  private func rate(_ count: Int, _ seconds: Double) -> String {
    count == 0 || seconds == 0 ? "" : NumberText.fixed(Double(count) / seconds / 1e9, digits: 1)
  }
}

extension ProfileReport {
  /// `profile` of `result.json`.
  var json: JSONValue {
    [
      "executions": .integer(profile.executions),
      "seconds": .number(profile.seconds / executions + rest),
      "outside_seconds": .number(rest),
      "kinds": .array(
        kinds.map { row in
          json(row, [("kind", .string(row.title)), ("steps", .integer(row.count))])
        }),
      "steps": .array(
        zip(profile.steps, steps).map { step, row in
          json(row, [("kind", .string(step.kind)), ("operation", .string(row.title))])
        }),
    ]
  }

  private func json(_ row: Row, _ names: [(String, JSONValue)]) -> JSONValue {
    var entries = names
    entries.append(("seconds", .number(row.seconds)))
    entries.append(("share", .number(share(row.seconds))))
    if let work = row.work {
      entries += [
        ("flop", .integer(work.operations)), ("bytes_read", .integer(work.bytesRead)),
        ("bytes_written", .integer(work.bytesWritten)),
      ]
      if row.seconds > 0 {
        entries += [
          ("gflop_per_second", .number(Double(work.operations) / row.seconds / 1e9)),
          (
            "gb_per_second",
            .number(Double(work.bytesRead + work.bytesWritten) / row.seconds / 1e9)
          ),
        ]
      }
    }
    return .object(.init(uniqueKeysWithValues: entries))
  }
}
