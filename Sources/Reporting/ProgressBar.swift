import Diagnostics
import Glibc
import Training

/// One line on standard error, redrawn at most ten times a second: how much is done, a note (for training
/// the loss, accuracy, L and c), and the time left.
public struct ProgressBar {
  private let isShown: Bool
  private var total: Int
  private var start = ContinuousClock.now
  private var firstStep: Int
  private var lastDrawn: ContinuousClock.Instant?
  private var hasLine = false

  /// A bar for `total` steps, of which `firstStep` are done; silent unless `isShown`.
  public init(total: Int, firstStep: Int, isShown: Bool) {
    self.total = total
    self.firstStep = firstStep
    self.isShown = isShown
  }

  /// Starts over on the same line with `total` other steps, of which `firstStep` are done.
  mutating func restart(total: Int, firstStep: Int) {
    (self.total, self.firstStep, start) = (total, firstStep, ContinuousClock.now)
  }

  /// Redraws the line if enough time has passed.
  public mutating func update(_ progress: Trainer.Progress) {
    update(done: progress.step) { $0.text(for: progress, elapsed: $1) }
  }

  /// Redraws the line if enough time has passed.
  mutating func update(done: Int, note: String) {
    update(done: done) { $0.text(done: done, note: note, elapsed: $1) }
  }

  private mutating func update(done: Int, text: (ProgressBar, Double) -> String) {
    guard isShown else { return }
    let now = ContinuousClock.now
    guard lastDrawn.map({ now - $0 >= .milliseconds(100) }) ?? true || done == total else { return }
    lastDrawn = now
    hasLine = true
    draw(text(self, (now - start) / .seconds(1)))
  }

  /// Shows a note in place of the bar.
  mutating func announce(_ note: String) {
    guard isShown else { return }
    hasLine = true
    draw("\(note) …")
  }

  /// Ends the line.
  public mutating func finish() {
    if hasLine { Terminal.write("\n", to: STDERR_FILENO) }
    hasLine = false
  }

  func text(for progress: Trainer.Progress, elapsed: Double) -> String {
    let epochs = total / progress.stepsPerEpoch
    let epoch = (progress.step + progress.stepsPerEpoch - 1) / progress.stepsPerEpoch
    return text(
      done: progress.step,
      note: "epoch \(epoch)/\(epochs)"
        + "  loss \(NumberText.significant(progress.loss))"
        + "  accuracy \(NumberText.percent(progress.accuracy))"
        + "  L ≈ \(NumberText.significant(progress.lipschitz))"
        + "  c \(NumberText.significant(progress.marginWeight))", elapsed: elapsed)
  }

  func text(done: Int, note: String, elapsed: Double) -> String {
    let share = Double(done) / Double(max(total, 1))
    let filled = Int((share * 20).rounded(.down))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
    let left =
      done > firstStep ? elapsed / Double(done - firstStep) * Double(total - done) : 0
    return "\(bar) \(note)  \(ProgressBar.duration(left)) left"
  }

  /// 65 s as `1:05`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    let rest = String(whole % 60)
    return "\(whole / 60):" + (rest.count < 2 ? "0" : "") + rest
  }

  private func draw(_ line: String) { Terminal.write("\r\u{1B}[K" + line, to: STDERR_FILENO) }
}
