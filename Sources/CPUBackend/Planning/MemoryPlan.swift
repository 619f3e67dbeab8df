/// The offset of each buffer in one arena; buffers with disjoint lifetimes share memory.
struct MemoryPlan {
  /// First element of each buffer; nil if it is never used.
  private(set) var offsets: [Int?]
  /// Elements of the arena, working memory included.
  private(set) var count = 0
  /// First element of the working memory.
  private(set) var scratchOffset = 0
  /// Updates of persistent inputs that need a copy after execution.
  private(set) var copies: [(from: BufferID, to: BufferID)] = []

  private var canonical: [BufferID]
  private var firstWrite: [Int]
  private var lastUse: [Int]

  /// Elements of a cache line, to which all buffers are aligned.
  static let alignment = 16

  /// Plans memory and makes steps share buffers where they may.
  ///
  /// - Parameters:
  ///   - outputs: buffers that are read after execution.
  ///   - updates: outputs that replace persistent inputs.
  init(
    steps: [any Step], buffers: [PlannedBuffer], outputs: Set<BufferID>,
    updates: [(from: BufferID, to: BufferID)], threads: Int
  ) {
    canonical = Array(buffers.indices)
    firstWrite = Array(repeating: .max, count: buffers.count)
    lastUse = Array(repeating: -1, count: buffers.count)
    offsets = Array(repeating: nil, count: buffers.count)
    for (index, step) in steps.enumerated() {
      for buffer in step.writes + step.reads {
        firstWrite[buffer] = min(firstWrite[buffer], index)
        lastUse[buffer] = max(lastUse[buffer], index)
      }
    }
    updateInPlace(updates, steps, buffers)
    for output in outputs { lastUse[output] = .max }
    overwriteOperands(steps, buffers)
    for step in steps { step.rename { canonical[$0] } }
    place(buffers)
    scratchOffset = count
    count += steps.map { $0.scratchCount(threads: threads) }.max() ?? 0
  }

  /// Lets the step that computes a persistent input's next value write it in place, if nothing
  /// reads the old one later.
  private mutating func updateInPlace(
    _ updates: [(from: BufferID, to: BufferID)], _ steps: [any Step], _ buffers: [PlannedBuffer]
  ) {
    for update in updates {
      let writer = firstWrite[update.from]
      guard canonical[update.from] == update.from, writer < steps.count,
        case .computed = buffers[update.from].kind,
        lastUse[update.to] < writer || overwrites(steps[writer], update, at: writer)
      else {
        copies.append(update)
        continue
      }
      canonical[update.from] = update.to
    }
    copies = copies.map { (canonical[$0.from], $0.to) }
  }

  private func overwrites(
    _ step: any Step, _ update: (from: BufferID, to: BufferID), at index: Int
  ) -> Bool {
    guard lastUse[update.to] == index, let step = step as? ElementwiseStep else { return false }
    return step.canOverwrite(update.to, with: update.from)
  }

  /// Lets fused regions overwrite operands that no later step reads.
  private mutating func overwriteOperands(_ steps: [any Step], _ buffers: [PlannedBuffer]) {
    for (index, step) in steps.enumerated() {
      guard let step = step as? ElementwiseStep else { continue }
      var taken: Set<BufferID> = []
      for output in step.writes where canonical[output] == output && firstWrite[output] == index {
        let operand = step.reads.first { operand in
          guard case .computed = buffers[operand].kind else { return false }
          return !taken.contains(operand) && buffers[operand].count == buffers[output].count
            && canonical[operand] == operand && lastUse[operand] == index
            && firstWrite[operand] < index && step.canOverwrite(operand, with: output)
        }
        guard let operand else { continue }
        taken.insert(operand)
        merge(output, into: operand)
      }
    }
  }

  private mutating func merge(_ output: BufferID, into operand: BufferID) {
    // Steps and later merges know the pair by the output's name.
    for i in canonical.indices where canonical[i] == operand { canonical[i] = output }
    firstWrite[output] = firstWrite[operand]
  }

  /// Kept buffers first, then the others, the largest first, each at the lowest free offset.
  private mutating func place(_ buffers: [PlannedBuffer]) {
    var placed: [BufferID] = []
    let used = buffers.indices.filter { canonical[$0] == $0 }
    for buffer in used where isKept(buffers[buffer]) {
      offsets[buffer] = count
      count += rounded(buffers[buffer].count)
    }
    let base = count
    let computed = used.filter { isComputed(buffers[$0]) && lastUse[$0] >= 0 }
    for buffer in computed.sorted(by: { buffers[$0].count > buffers[$1].count }) {
      var offset = base
      for other in placed where overlaps(buffer, other) {
        let start = offsets[other]!
        if offset + rounded(buffers[buffer].count) <= start { break }
        offset = max(offset, start + rounded(buffers[other].count))
      }
      offsets[buffer] = offset
      count = max(count, offset + rounded(buffers[buffer].count))
      let position = placed.firstIndex { offsets[$0]! > offset } ?? placed.endIndex
      placed.insert(buffer, at: position)
    }
    for buffer in buffers.indices { offsets[buffer] = offsets[canonical[buffer]] }
  }

  private func overlaps(_ a: BufferID, _ b: BufferID) -> Bool {
    firstWrite[a] <= lastUse[b] && firstWrite[b] <= lastUse[a]
  }

  private func isKept(_ buffer: PlannedBuffer) -> Bool {
    switch buffer.kind {
    case .input, .constant: true
    case .borrowed, .computed: false
    }
  }

  private func isComputed(_ buffer: PlannedBuffer) -> Bool {
    if case .computed = buffer.kind { true } else { false }
  }

  /// Whole cache lines, and nine more for large buffers: streams that a region reads together would compete for
  /// the same places of the cache if they lay a multiple of 4,096 bytes apart.
  private func rounded(_ count: Int) -> Int {
    let lines = max(1, (count + Self.alignment - 1) / Self.alignment)
    return (lines < 16 ? lines : lines + 9) * Self.alignment
  }
}
