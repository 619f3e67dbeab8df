import Diagnostics
import Files
import Reporting
import SpecSyntax

/// `lmtc gate`: whether a run may replace a baseline.
public struct GateCommand {
  private let run: String
  private let baseline: String?
  private let tolerance: String
  private let format: Gate.Format
  private let console: Console

  /// A command.
  ///
  /// - Parameters:
  ///   - baseline: a run folder; nil for the requirements alone.
  ///   - tolerance: a number of the spec language, by how much certified accuracies may be lower.
  public init(
    run: String, baseline: String?, tolerance: String, format: Gate.Format, color: ColorChoice
  ) {
    (self.run, self.baseline, self.tolerance) = (run, baseline, tolerance)
    self.format = format
    console = Console(isJSON: format == .json, color: color)
  }

  /// Runs the command: 2 where a check fails, 3 where the run's certificates were contradicted.
  public func execute() -> ExitCode {
    do throws(Failure) {
      let record = try RunRecord(run)
      let other = try baseline.map { path throws(Failure) in try RunRecord(path) }
      let gate = try Gate(record, baseline: other, tolerance: try share())
      try console.write(gate.written(as: format, console.style))
      guard !gate.isContradicted else { return .contradicted }
      return gate.isPassed ? .success : .requirementFails
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  private func share() throws(Failure) -> ExactNumber {
    guard let number = try? ExactNumber(tolerance), number.lower >= 0, number.upper <= 1 else {
      throw Failure(
        Diagnostic(
          .init(.usage, "tolerance"),
          "'--tolerance' must be a number between 0 and 1, found '\(tolerance)'", at: .none,
          help: "write half a percentage point as 0.005"))
    }
    return number
  }
}
