import Diagnostics
import FileFormats
import Files
import Glibc

/// The event file of a run for TensorBoard: the numbers of each epoch, and those of the result at the end.
struct EventLog {
  private let file: AppendedFile

  /// Opens a log that says what the finished epochs of the run were, of which some or all may be in it.
  ///
  /// Everything else is removed: a partial record, a result before more epochs. Throws `file.…`.
  ///
  /// - Parameter epochs: their lines of `metrics.jsonl`.
  init(_ path: String, of epochs: [JSONValue]) throws(Failure) {
    let now = Self.now
    let records =
      [EventFile.header(time: now)] + epochs.map { EventFile.record(Self.event($0, at: now)) }
    let bytes = FileReading.kind(of: path) == .file ? try FileReading.bytes(of: path) : []
    let kept = EventFile.common(bytes, records)
    file = try AppendedFile(path, keeping: kept.bytes)
    try file.append(records[kept.records...].flatMap(\.self))
  }

  /// Appends an epoch's line of `metrics.jsonl`; throws `file.unwritable`.
  func append(_ epoch: JSONValue) throws(Failure) {
    try file.append(EventFile.record(Self.event(epoch, at: Self.now)))
  }

  /// Appends the numbers of the result; throws `file.unwritable`.
  func append(_ result: [(tag: String, value: Double)], step: Int) throws(Failure) {
    try file.append(EventFile.record(.init(time: Self.now, step: step, scalars: result)))
  }

  private static func event(_ epoch: JSONValue, at time: Double) -> EventFile.Event {
    let tags = [
      "loss", "accuracy", "validation_accuracy", "lipschitz_estimate", "c", "learning_rate",
    ]
    return EventFile.Event(
      time: time, step: epoch["step"]?.integer ?? 0,
      scalars: tags.compactMap { tag in epoch[tag]?.number.map { ("train/\(tag)", $0) } })
  }

  /// Seconds since 1970.
  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
