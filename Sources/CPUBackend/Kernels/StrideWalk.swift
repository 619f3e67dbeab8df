/// One dimension of a loop nest over memory: the number of steps and their length.
struct StridedDimension: Hashable, Sendable {
  /// Steps.
  var extent: Int
  /// Elements between steps of the nest's subject; 0 repeats.
  var stride: Int
  /// Elements between steps of a second tensor walked in parallel.
  var otherStride: Int

  /// A dimension over one or two tensors.
  init(extent: Int, stride: Int, otherStride: Int = 0) {
    self.extent = extent
    self.stride = stride
    self.otherStride = otherStride
  }
}

extension [StridedDimension] {
  /// The same nest, outermost first, with as few dimensions as possible.
  var collapsed: [StridedDimension] {
    var result: [StridedDimension] = []
    for dimension in self where dimension.extent != 1 {
      if let outer = result.last, outer.stride == dimension.stride * dimension.extent,
        outer.otherStride == dimension.otherStride * dimension.extent
      {
        result[result.count - 1] = StridedDimension(
          extent: outer.extent * dimension.extent, stride: dimension.stride,
          otherStride: dimension.otherStride)
      } else {
        result.append(dimension)
      }
    }
    return result
  }
}

extension Collection<StridedDimension> {
  /// The number of elements visited.
  var elementCount: Int { reduce(1) { $0 * $1.extent } }
}

/// An odometer over all but the innermost `inner` dimensions of a nest of at most eight.
struct StrideWalk {
  private var counters = SIMD8<Int>(repeating: 0)
  private let extents: SIMD8<Int>
  private let strides: SIMD8<Int>
  private let otherStrides: SIMD8<Int>
  private let rank: Int
  /// The offset of the current position in the subject.
  private(set) var offset = 0
  /// The offset in the second tensor.
  private(set) var otherOffset = 0

  /// Starts at position `start` in row-major order of the given dimensions.
  init(_ dimensions: ArraySlice<StridedDimension>, start: Int = 0) {
    precondition(dimensions.count <= 8, "a loop nest of more than 8 dimensions")
    var extents = SIMD8<Int>(repeating: 1)
    var (strides, otherStrides) = (SIMD8<Int>(repeating: 0), SIMD8<Int>(repeating: 0))
    for (i, dimension) in dimensions.enumerated() {
      extents[i] = dimension.extent
      strides[i] = dimension.stride
      otherStrides[i] = dimension.otherStride
    }
    (self.extents, self.strides, self.otherStrides) = (extents, strides, otherStrides)
    rank = dimensions.count
    var rest = start
    for i in stride(from: rank - 1, through: 0, by: -1) where rest > 0 {
      counters[i] = rest % extents[i]
      rest /= extents[i]
      offset += counters[i] * strides[i]
      otherOffset += counters[i] * otherStrides[i]
    }
  }

  /// Advances to the next position; wraps around after the last.
  @inline(__always)
  mutating func advance() {
    var i = rank &- 1
    while i >= 0 {
      counters[i] &+= 1
      offset &+= strides[i]
      otherOffset &+= otherStrides[i]
      if counters[i] < extents[i] { return }
      offset &-= strides[i] &* extents[i]
      otherOffset &-= otherStrides[i] &* extents[i]
      counters[i] = 0
      i &-= 1
    }
  }
}

/// A view of a tensor whose memory order differs from the reader's: a broadcast, a transposition, a
/// slice.
struct StridedSource: Hashable, Sendable {
  /// The loop nest of the reader, collapsed, outermost first.
  let dimensions: [StridedDimension]
  /// The first element.
  let offset: Int

  /// A view; collapses the nest.
  init(_ dimensions: [StridedDimension], offset: Int) {
    self.dimensions = dimensions.collapsed
    self.offset = offset
  }

  /// How many elements are read, each counted once.
  var distinctCount: Int { dimensions.filter { $0.stride != 0 }.elementCount }
  /// Whether the reader's order is the memory's.
  var isContiguous: Bool {
    dimensions.isEmpty || (dimensions.count == 1 && dimensions[0].stride == 1)
  }
  /// Whether all elements are the same one.
  var isScalar: Bool { dimensions.allSatisfy { $0.stride == 0 } }

  /// Copies elements `start..<start + count` of the reader's order.
  func read(_ d: Elements, from source: Elements, start: Int, count: Int) {
    let inner = dimensions[dimensions.count - 1]
    if repeatsRuns { return readRepeatedRuns(d, from: source, start: start, count: count) }
    var walk = StrideWalk(dimensions.dropLast(), start: start / inner.extent)
    var position = start % inner.extent
    var done = 0
    while done < count {
      let run = min(inner.extent &- position, count &- done)
      let from = source + (offset &+ walk.offset &+ position &* inner.stride)
      Self.copyRun(d + done, from, stride: inner.stride, count: run)
      done &+= run
      position = 0
      walk.advance()
    }
  }

  /// Whether a run of adjacent elements repeats along the next dimension, as with one number per channel
  /// where channels are innermost, in blocks or altogether.
  private var repeatsRuns: Bool {
    dimensions.count >= 2 && dimensions[dimensions.count - 1].stride == 1
      && dimensions[dimensions.count - 2].stride == 0
  }

  private func readRepeatedRuns(_ d: Elements, from source: Elements, start: Int, count: Int) {
    let period = dimensions[dimensions.count - 1].extent
    let block = period * dimensions[dimensions.count - 2].extent
    var walk = StrideWalk(dimensions.dropLast(2), start: start / block)
    var position = start % block
    var done = 0
    while done < count {
      let run = min(block &- position, count &- done)
      let from = source + (offset &+ walk.offset)
      Self.fill(d + done, from, period: period, phase: position % period, count: run)
      done &+= run
      position = 0
      walk.advance()
    }
  }

  /// d[i] = from[(phase + i) mod period]: one period, then copies of the written part, twice as
  /// much each time.
  private static func fill(
    _ d: Elements, _ from: Elements, period: Int, phase: Int, count: Int
  ) {
    let head = min(period &- phase, count)
    d.update(from: from + phase, count: head)
    var filled = head
    if filled < count, phase > 0 {
      let rest = min(phase, count &- filled)
      (d + filled).update(from: from, count: rest)
      filled &+= rest
    }
    while filled < count {
      let more = min(filled, count &- filled)
      (d + filled).update(from: d, count: more)
      filled &+= more
    }
  }

  @inline(__always)
  private static func copyRun(_ d: Elements, _ from: Elements, stride: Int, count: Int) {
    switch stride {
    case 1 where count == 8: Lanes.load(from).store(d)
    case 1: d.update(from: from, count: count)
    case 0: d.update(repeating: from.pointee, count: count)
    default:
      var i = 0
      while i < count {
        d[i] = from[i &* stride]
        i &+= 1
      }
    }
  }
}
