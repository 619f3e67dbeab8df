/// What a spec may say at some place, as data: the schema that editors complete and check specs by is made of it.
public indirect enum SpecForm: Sendable, Hashable {
  /// A whole number between limits, or an expression of one.
  case integer(SpecLimits = SpecLimits())
  /// A number between limits, or an expression of one.
  case number(SpecLimits = SpecLimits())
  /// `true` or `false`.
  case boolean
  /// Any scalar.
  case text
  /// One of some words.
  case words([String])
  /// A list of so many elements.
  case list(of: SpecForm, counts: ClosedRange<Int> = 0...Int.max)
  /// One of several forms.
  case either([SpecForm])
  /// A mapping with keys of its own.
  case mapping
  /// An entry of an open set, `kind` or `kind: {keys}`, by what messages call one: `loss`.
  case entry(of: String)
  /// A list of layers.
  case layers

  /// The form with limits for its numbers, wherever they stand in it.
  func limited(by limits: SpecLimits) -> SpecForm {
    switch self {
    case .integer: .integer(limits)
    case .number: .number(limits)
    case .list(let element, let counts): .list(of: element.limited(by: limits), counts: counts)
    case .either(let forms): .either(forms.map { $0.limited(by: limits) })
    case .boolean, .text, .words, .mapping, .entry, .layers: self
    }
  }
}

/// The limits of a number; nil where there is none.
public struct SpecLimits: Sendable, Hashable {
  /// The least number, or the one that all are above.
  public var lower: Double?
  /// The largest number, or the one that all are below.
  public var upper: Double?
  /// Whether the lower limit itself is no such number.
  public var isAbove = false
  /// Whether the upper limit itself is no such number.
  public var isBelow = false

  /// No limits.
  public init() {}

  /// Limits; nil unless both are numbers of a type that has any.
  init?<Value>(_ lower: Value, _ upper: Value? = nil, isAbove: Bool = false, isBelow: Bool = false)
  {
    func number(_ value: Value) -> Double? { (value as? Int).map(Double.init) ?? value as? Double }
    guard let least = number(lower) else { return nil }
    (self.lower, self.upper) = (least, upper.flatMap(number))
    (self.isAbove, self.isBelow) = (isAbove, isBelow)
  }
}
