/// The shape of a tensor in row-major order; elements are real numbers.
///
/// Back ends store elements as float32, the reference evaluator as Double. A mask is a tensor of
/// 0 and 1. A scalar has rank 0.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  /// The extent of each axis, all at least 0.
  public let shape: [Int]

  /// A tensor of a shape.
  public init(_ shape: [Int]) { self.shape = shape }

  /// The type of a single number.
  public static let scalar = TensorType([])

  /// The number of axes.
  public var rank: Int { shape.count }
  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }
  /// `[2, 3]`.
  public var description: String { "[" + shape.map(String.init).joined(separator: ", ") + "]" }
}
