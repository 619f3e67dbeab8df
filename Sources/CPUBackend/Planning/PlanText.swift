/// Prints a plan: the arena, then a line a step with the buffers it reads and fills.
enum PlanText {
  static func text(
    _ steps: [any Step], memory: MemoryPlan, buffers: [PlannedBuffer], copies: Int
  ) -> String {
    var lines = ["plan: \(steps.count) steps, arena of \(memory.count * 4) bytes"]
    for (index, step) in steps.enumerated() {
      let reads = step.reads.map { name($0, memory) }.joined(separator: " ")
      let writes = step.writes.map { name($0, memory) }.joined(separator: " ")
      lines.append("\(index): \(step.summary) | \(reads) → \(writes)")
    }
    if copies > 0 { lines.append("then \(copies) copies into persistent inputs") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func name(_ buffer: BufferID, _ memory: MemoryPlan) -> String {
    "b\(buffer)@\(memory.offsets[buffer] ?? 0)"
  }
}
