import Diagnostics
import Glibc
import Training

/// How much is done on standard error, with a note (for training the loss, accuracy, L and c) and the time
/// left.
public struct ProgressBar {
  /// Where the lines go.
  public enum Style: Sendable {
    case hidden
    /// One line of a terminal, redrawn at most ten times a second.
    case bar
    /// A line of a file every half minute, none for what is done sooner.
    case log

    fileprivate var interval: Duration {
      switch self {
      case .hidden, .bar: .milliseconds(100)
      case .log: .seconds(30)
      }
    }
  }

  private let style: Style
  private var total: Int
  private var start = ContinuousClock.now
  private var firstStep: Int
  private var lastDrawn: ContinuousClock.Instant?
  private var hasLine = false

  /// A bar for `total` steps, of which `firstStep` are done.
  public init(total: Int, firstStep: Int, style: Style) {
    self.total = total
    self.firstStep = firstStep
    self.style = style
    if style == .log { lastDrawn = start }
  }

  /// Starts over on the same line with `total` other steps, of which `firstStep` are done.
  mutating func restart(total: Int, firstStep: Int) {
    (self.total, self.firstStep, start) = (total, firstStep, ContinuousClock.now)
  }

  /// Redraws the line if enough time has passed.
  public mutating func update(_ progress: Trainer.Progress) {
    update(done: progress.step) { $0.notes(for: progress) }
  }

  /// Redraws the line if enough time has passed.
  ///
  /// - Parameter notes: what it says, the most important first.
  public mutating func update(done: Int, notes: [String]) {
    update(done: done) { _ in notes }
  }

  /// Prints a note of the program above the bar.
  public mutating func note(_ text: String) { write("lmtc: \(text)\n") }

  /// Prints whole lines above the bar, which shows again with the next update.
  public mutating func write(_ lines: String) {
    guard !lines.isEmpty else { return }
    Terminal.write((hasLine ? Self.clearing : "") + lines, to: STDERR_FILENO)
    if style == .bar { (hasLine, lastDrawn) = (false, nil) }
  }

  private mutating func update(done: Int, notes: (ProgressBar) -> [String]) {
    guard isDue(isLast: done == total) else { return }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    switch style {
    case .hidden: break
    case .bar:
      hasLine = true
      draw(
        text(
          done: done, notes: notes(self), elapsed: elapsed,
          columns: Terminal.columns(of: STDERR_FILENO) - 1))
    case .log:
      Terminal.write(
        line(done: done, notes: notes(self), elapsed: elapsed) + "\n", to: STDERR_FILENO)
    }
  }

  /// Whether enough time has passed; the last step is shown in place of the bar before it.
  private mutating func isDue(isLast: Bool) -> Bool {
    guard style != .hidden else { return false }
    let now = ContinuousClock.now
    let isLate = lastDrawn.map { now - $0 >= style.interval } ?? true
    guard isLate || (isLast && style == .bar) else { return false }
    lastDrawn = now
    return true
  }

  /// Shows a note in place of the bar, or as a line of the log if one is due.
  mutating func announce(_ note: String) {
    let line = "\(note) …"
    switch style {
    case .hidden: break
    case .bar:
      hasLine = true
      draw(String(line.prefix(Terminal.columns(of: STDERR_FILENO) - 1)))
    case .log: if isDue(isLast: false) { Terminal.write(line + "\n", to: STDERR_FILENO) }
    }
  }

  /// Ends the line.
  public mutating func finish() {
    if hasLine { Terminal.write("\n", to: STDERR_FILENO) }
    hasLine = false
  }

  /// Removes the line.
  public mutating func erase() {
    if hasLine { Terminal.write(Self.clearing, to: STDERR_FILENO) }
    hasLine = false
  }

  /// What a line says about training, the most important first.
  func notes(for progress: Trainer.Progress) -> [String] {
    let epochs = total / progress.stepsPerEpoch
    let epoch = (progress.step + progress.stepsPerEpoch - 1) / progress.stepsPerEpoch
    return [
      "epoch \(epoch)/\(epochs)", "loss \(NumberText.significant(progress.loss))",
      "accuracy \(NumberText.percent(progress.accuracy))",
      "L ≈ \(NumberText.significant(progress.lipschitz))",
      "c \(NumberText.significant(progress.marginWeight))",
    ]
  }

  /// The line in at most so many columns: a narrow one has a shorter bar, or none, and fewer notes.
  func text(done: Int, notes: [String], elapsed: Double, columns: Int) -> String {
    let time = timeLeft(done: done, elapsed: elapsed)
    for bars in [20, 10, 0] {
      for count in stride(from: notes.count, to: min(bars == 0 ? 0 : 2, notes.count) - 1, by: -1) {
        let parts = (bars > 0 ? [bar(done, bars)] : []) + notes.prefix(count) + [time]
        let line = parts.joined(separator: "  ")
        if line.count <= columns { return line }
      }
    }
    return String(time.prefix(max(0, columns)))
  }

  /// The line of a log.
  func line(done: Int, notes: [String], elapsed: Double) -> String {
    (notes + [timeLeft(done: done, elapsed: elapsed)]).joined(separator: "  ")
  }

  private func timeLeft(done: Int, elapsed: Double) -> String {
    let left =
      done > firstStep ? elapsed / Double(done - firstStep) * Double(total - done) : 0
    return "\(ProgressBar.duration(left)) left"
  }

  private func bar(_ done: Int, _ length: Int) -> String {
    let share = Double(done) / Double(max(total, 1))
    let filled = min(length, Int((share * Double(length)).rounded(.down)))
    return String(repeating: "█", count: filled) + String(repeating: "░", count: length - filled)
  }

  /// 65 s as `1:05`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    let rest = String(whole % 60)
    return "\(whole / 60):" + (rest.count < 2 ? "0" : "") + rest
  }

  private func draw(_ line: String) { Terminal.write(Self.clearing + line, to: STDERR_FILENO) }

  /// Moves to the start of the line and empties it.
  private static let clearing = "\r\u{1B}[K"
}
