import Execution

/// Copies of tensors into regions of a larger one, zeros elsewhere: padding and concatenation.
final class PlacementStep: Step {
  /// One tensor and the strides of its place in the result.
  struct Part {
    var source: BufferID
    /// `stride` walks the result, `otherStride` the row-major source.
    let nest: [StridedDimension]
    let offset: Int
  }

  private let name: String
  private var parts: [Part]
  private var result: BufferID
  private let count: Int
  private let clearsFirst: Bool
  private var memory: BoundMemory?

  init(name: String, parts: [Part], result: BufferID, count: Int, clearsFirst: Bool) {
    self.name = name
    self.parts = parts
    self.result = result
    self.count = count
    self.clearsFirst = clearsFirst
  }

  var reads: [BufferID] { parts.map(\.source) }
  var writes: [BufferID] { [result] }
  var kind: String { name }
  var work: StepWork {
    StepWork(
      operations: 0, elementsRead: parts.reduce(0) { $0 + $1.nest.elementCount },
      elementsWritten: count)
  }
  var summary: String { "\(name) \(count)" }

  func rename(_ canonical: (BufferID) -> BufferID) {
    for i in parts.indices { parts[i].source = canonical(parts[i].source) }
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let d = memory.address(result)
    if clearsFirst {
      team.forEachRange(count: count, grain: 65536) { _, range in
        (d + range.lowerBound).update(repeating: 0, count: range.count)
      }
    }
    for part in parts { place(part, memory.address(part.source), d + part.offset, team) }
  }

  private func place(_ part: Part, _ source: Elements, _ d: Elements, _ team: ThreadTeam) {
    guard let inner = part.nest.last else { return d.update(from: source, count: 1) }
    let outer = part.nest.dropLast()
    let runs = outer.elementCount
    team.forEachRange(count: runs, grain: max(1, 32768 / inner.extent)) { _, range in
      var walk = StrideWalk(outer, start: range.lowerBound)
      for _ in range {
        let (to, from) = (d + walk.offset, source + walk.otherOffset)
        if inner.stride == 1 {
          to.update(from: from, count: inner.extent)
        } else {
          for i in 0..<inner.extent { to[i &* inner.stride] = from[i] }
        }
        walk.advance()
      }
    }
  }
}
