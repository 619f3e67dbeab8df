import Execution
import Foundation

/// The times of a plan's operations as text.
enum StepTimes {
  /// A line an operation in the plan's order, as means over a number of steps.
  static func text(of executable: any Executable, steps: Int) throws -> String {
    // The first execution compiles kernels.
    try executable.execute()
    var profile = ExecutionProfile()
    for _ in 0..<steps { try executable.execute(timing: &profile) }
    let executions = Double(profile.executions)
    var lines = [String(format: "  profile: %.3f ms a step", profile.seconds / executions * 1e3)]
    lines.append("       ms  share GFLOP/s    GB/s")
    for step in profile.steps {
      let seconds = step.seconds / executions
      let work = step.work ?? .none
      let bytes = work.bytesRead + work.bytesWritten
      lines.append(
        String(
          format: "%9.4f %5.1f%% %7.1f %7.1f  ", seconds * 1e3,
          step.seconds / profile.seconds * 100, Double(work.operations) / seconds / 1e9,
          Double(bytes) / seconds / 1e9) + step.summary)
    }
    return lines.joined(separator: "\n")
  }
}
