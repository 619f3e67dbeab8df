import ModelIR

/// The word for as many zeros as make the output's extent the input's divided by the stride,
/// rounded up.
enum SameWord: String, WordValue {
  case same
}

/// Zeros around an input: an extent for each axis, put on both sides, or `same`.
typealias Padding<Extents: LengthsValue> = WordOr<SameWord, Extents>

extension Padding<PairValue> {
  /// The zeros before and after the elements of each axis.
  ///
  /// For `same` the total is max(0, (⌈extent/stride⌉ − 1)·stride + span − extent); an odd one puts
  /// the extra zero last.
  ///
  /// - Parameters:
  ///   - extents: of the input.
  ///   - spans: from the first to the last tap of the window, dilation included.
  ///   - strides: between windows.
  func amounts(extents: [Int], spans: [Int], strides: [Int]) -> (low: [Int], high: [Int]) {
    switch self {
    case .other(let pair): return (pair.array, pair.array)
    case .word(.same):
      let totals = extents.indices.map { axis in
        let outputs = (extents[axis] + strides[axis] - 1) / strides[axis]
        return max(0, (outputs - 1) * strides[axis] + spans[axis] - extents[axis])
      }
      return (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
    }
  }
}

extension WordOr where Word == SameWord, Other: WindowExtents {
  /// The padding of an image, where a signal is an image of the height given.
  func pair(height: Int) -> Padding<PairValue> {
    switch self {
    case .word(let word): .word(word)
    case .other(let extents): .other(extents.pair(height: height))
    }
  }
}
