import Enclosure

/// A way to bound the spectral norm of a linear block from above, with a proof.
protocol NormMethod: Sendable {
  /// The name in reports and of the `bound` key.
  static var name: String { get }
  /// What the bound rests on, in one phrase.
  static var theorem: String { get }
  /// What it is for and how tight it is, in one phrase.
  static var summary: String { get }
  /// About how many operations it takes; nil where it does not apply.
  func cost(of block: any LinearBlock) -> Double?
  /// The bound.
  func bound(_ block: any LinearBlock) -> BlockBound
}

/// What a method found out about a block.
struct BlockBound: Sendable {
  /// Bounds the norm from above.
  var upper: UpperBound
  /// Bounds it from below, where the method gives that for free.
  var lower: LowerBound = .zero
  /// A vector that A, or Aᵀ on the output side, stretches about the most.
  var direction: (vector: [Double], isOutputSide: Bool)?
  /// What was done, in one phrase.
  var reason: String
}

/// A norm method's entry in manuals.
public struct NormMethodDescription: Sendable, Hashable {
  /// The type whose doc comment is its page.
  public let type: String
  /// The name in reports and of the `bound` key.
  public let name: String
  /// What the bound rests on.
  public let theorem: String
  /// What it is for and how tight it is.
  public let summary: String

  init(_ method: any NormMethod.Type) {
    type = "\(method)"
    name = method.name
    theorem = method.theorem
    summary = method.summary
  }
}
