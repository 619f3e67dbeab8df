import Execution

/// A matrix product.
final class DotStep: Step {
  private let rows, columns, inner: Int
  private var left, right, result: BufferID
  private let transposeLeft, transposeRight: Bool
  private var memory: BoundMemory?

  init(
    rows: Int, columns: Int, inner: Int, left: BufferID, transposeLeft: Bool, right: BufferID,
    transposeRight: Bool, result: BufferID
  ) {
    (self.rows, self.columns, self.inner) = (rows, columns, inner)
    (self.left, self.right, self.result) = (left, right, result)
    (self.transposeLeft, self.transposeRight) = (transposeLeft, transposeRight)
  }

  /// Whether it is the product of a matrix of many rows and its transpose.
  private var isSymmetric: Bool {
    left == right && transposeLeft != transposeRight && rows >= 128 && inner > 1
  }

  var reads: [BufferID] { [left, right] }
  var writes: [BufferID] { [result] }
  var kind: String { "dot" }
  var work: StepWork {
    StepWork(
      operations: 2 * rows * columns * inner, elementsRead: (rows + columns) * inner,
      elementsWritten: rows * columns)
  }
  var summary: String {
    "dot [\(rows), \(inner)]\(transposeLeft ? "ᵀ" : "")"
      + " · [\(inner), \(columns)]\(transposeRight ? "ᵀ" : "")"
  }

  func rename(_ canonical: (BufferID) -> BufferID) {
    left = canonical(left)
    right = canonical(right)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let a = Matrix(
      address: memory.address(left), rowStride: max(1, transposeLeft ? rows : inner),
      isTransposed: transposeLeft)
    if isSymmetric {
      MatrixProduct.symmetric(rows: rows, inner: inner, a, memory.address(result), team)
      return
    }
    let b = Matrix(
      address: memory.address(right), rowStride: max(1, transposeRight ? inner : columns),
      isTransposed: transposeRight)
    MatrixProduct.run(
      rows: rows, columns: columns, inner: inner, a, b, memory.address(result), team)
  }
}
