import ModelIR

/// A spec value made of lengths along axes: one extent, `[height, width]`, margins.
protocol LengthsValue: SpecValue, Hashable {
  var lengths: [Int] { get }
}

extension Int: LengthsValue {
  var lengths: [Int] { [self] }
}

extension PairValue: LengthsValue {
  var lengths: [Int] { array }
}

extension WordOr: LengthsValue where Other: LengthsValue {
  /// None for a word.
  var lengths: [Int] {
    switch self {
    case .word: []
    case .other(let value): value.lengths
    }
  }
}

extension SpecKey.Requirement where Value: LengthsValue {
  /// Positive, and small enough that products of a few cannot overflow.
  static var extents: Self { each(.range(1...32768)) }
  /// Not negative, and small enough that sums with an extent cannot overflow.
  static var amounts: Self { each(.range(0...32768)) }

  private static func each(_ requirement: SpecKey<Int>.Requirement) -> Self {
    Self(requirement.text, limits: requirement.limits) { $0.lengths.allSatisfy(requirement.holds) }
  }
}

extension SpecKey<Int>.Requirement {
  /// A number of channels or groups.
  static let channels = range(1...(1 << 20))
}

/// The extents of a window: a length for signals, a height and a width for images.
protocol WindowExtents: LengthsValue {
  /// The same extent along every axis.
  init(_ length: Int)
  /// Those of an image; a signal is an image of the height given.
  func pair(height: Int) -> PairValue
}

extension Int: WindowExtents {
  func pair(height: Int) -> PairValue { PairValue(height, self) }
}

extension PairValue: WindowExtents {
  func pair(height: Int) -> PairValue { self }
}
