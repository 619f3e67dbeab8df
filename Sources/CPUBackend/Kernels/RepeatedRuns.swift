/// A view as runs of elements in each of which a few adjacent numbers repeat, such as one number per channel of
/// images whose channels are outside of space or in blocks inside of it.
struct RepeatedRuns {
  /// How many adjacent numbers repeat.
  let period: Int
  /// Elements of a run.
  let length: Int
  private let outer: ArraySlice<StridedDimension>
  private let offset: Int

  /// The fewest elements of a run that are worth preparing its numbers.
  private static let least = 256

  /// nil unless a vector of `width` numbers holds whole periods of the view, and its runs are long.
  init?(_ view: StridedSource, width: Int) {
    var dimensions = view.dimensions[...]
    var period = 1
    if let inner = dimensions.last, inner.stride == 1 {
      period = inner.extent
      dimensions.removeLast()
    }
    guard let repeats = dimensions.popLast(), repeats.stride == 0, width % period == 0,
      period * repeats.extent >= Self.least
    else { return nil }
    (self.period, length, outer) = (period, period * repeats.extent, dimensions)
    offset = view.offset
  }

  /// The place in the view's buffer of the numbers of the run in which an element lies.
  func place(ofElement index: Int) -> Int {
    offset + StrideWalk(outer, start: index / length).offset
  }
}
