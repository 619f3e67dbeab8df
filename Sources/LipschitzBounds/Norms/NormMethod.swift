import Enclosure
import MatrixProducts

/// A way to bound the spectral norm of a linear block from above, with a proof.
protocol NormMethod: Sendable {
  /// The name in reports, and the value of the `bound` key.
  static var name: String { get }
  /// The theorem that proves the bound, in one phrase.
  static var theorem: String { get }
  /// How it works and how tight it is, in one phrase.
  static var summary: String { get }
  init()
  /// About how many multiplications it takes; nil if it does not apply.
  func cost(of block: any LinearBlock) -> Double?
  func bound(_ block: any LinearBlock, _ workers: Workers) -> BlockBound
}

extension NormMethod {
  /// The bound, computed on one core.
  func bound(_ block: any LinearBlock) -> BlockBound { bound(block, .single) }
}

/// The bounds that a method gives for a block.
struct BlockBound: Sendable {
  /// Bounds the norm from above.
  var upper: UpperBound
  /// Bounds it from below, if the method gives such a bound at no cost.
  var lower: LowerBound = .zero
  /// About a maximizer of ‖A v‖/‖v‖, or of ‖Aᵀ v‖/‖v‖ on the output side.
  var direction: (vector: [Double], isOutputSide: Bool)?
  /// What was done, in one phrase.
  var reason: String
}

/// A norm method's entry in the manual.
public struct NormMethodDescription: Sendable, Hashable {
  /// The type whose doc comment is the text of the page.
  public let type: String
  /// The name in reports, and the value of the `bound` key.
  public let name: String
  /// The theorem that proves the bound.
  public let theorem: String
  /// How it works and how tight it is.
  public let summary: String

  init(_ method: any NormMethod.Type) {
    type = "\(method)"
    name = method.name
    theorem = method.theorem
    summary = method.summary
  }
}
