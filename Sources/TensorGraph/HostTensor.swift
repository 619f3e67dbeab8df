/// A dense float32 tensor in host memory, row-major.
public struct HostTensor: Sendable, Equatable {
  /// The extents.
  public let shape: [Int]
  /// The elements, row-major.
  public var elements: [Float]

  /// A tensor; traps if the count does not fit the shape.
  public init(_ shape: [Int], _ elements: [Float]) {
    precondition(shape.reduce(1, *) == elements.count, "\(elements.count) elements for \(shape)")
    self.shape = shape
    self.elements = elements
  }
  /// Every element the same.
  public init(_ shape: [Int], repeating element: Float) {
    self.init(shape, Array(repeating: element, count: shape.reduce(1, *)))
  }
  /// A scalar.
  public init(_ scalar: Float) { self.init([], [scalar]) }
}
