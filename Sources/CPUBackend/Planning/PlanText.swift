import Diagnostics
import Execution

/// Prints a plan: totals, a line for each step with its work and the buffers that it reads and writes, and
/// a line for each buffer.
struct PlanText {
  let steps: [any Step]
  let memory: MemoryPlan
  let buffers: [PlannedBuffer]
  /// Elements that are copied into persistent inputs after the last step.
  let copied: Int

  /// The lines.
  var text: String {
    var lines = [heading]
    for (index, step) in steps.enumerated() {
      let reads = step.reads.map { "b\($0)" }.joined(separator: " ")
      let writes = step.writes.map { "b\($0)" }.joined(separator: " ")
      lines.append("\(index): \(step.summary) | \(reads) → \(writes) | \(text(of: step.work))")
    }
    if copied > 0 {
      let work = StepWork(operations: 0, elementsRead: copied, elementsWritten: copied)
      lines.append("then: copy \(copied) into persistent inputs | \(text(of: work))")
    }
    lines.append("buffers:")
    lines += usedBuffers.map(line)
    return lines.joined(separator: "\n") + "\n"
  }

  private var heading: String {
    let work = steps.reduce(StepWork.none) { $0 + $1.work }
    return "plan: \(steps.count) steps, arena of \(NumberText.grouped(memory.count * 4)) bytes, "
      + text(of: work)
  }

  private func text(of work: StepWork) -> String {
    "\(NumberText.grouped(work.operations)) FLOP, reads \(NumberText.grouped(work.bytesRead)) bytes, "
      + "writes \(NumberText.grouped(work.bytesWritten)) bytes"
  }

  /// Buffers that share memory are one.
  private var usedBuffers: [BufferID] {
    Set(steps.flatMap { $0.reads + $0.writes }).sorted()
  }

  private func line(_ buffer: BufferID) -> String {
    let planned = buffers[buffer]
    let filled =
      switch planned.kind {
      case .input: "input"
      case .borrowed: "input of another executable"
      case .constant: "constant"
      case .computed: "computed"
      }
    let layout = planned.layout.map { $0.text.isEmpty ? "" : ", \($0.text)" } ?? ""
    let start = (memory.offsets[buffer] ?? 0) * 4
    return "b\(buffer): bytes \(NumberText.grouped(start))..<"
      + "\(NumberText.grouped(start + planned.count * 4)), \(filled)\(layout)"
  }
}
