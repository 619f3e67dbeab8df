import Execution

/// The lower triangular factor of a symmetric matrix.
final class CholeskyStep: Step {
  private let order: Int
  private var source, result: BufferID
  private var memory: BoundMemory?

  init(order: Int, source: BufferID, result: BufferID) {
    (self.order, self.source, self.result) = (order, source, result)
  }

  var reads: [BufferID] { [source] }
  var writes: [BufferID] { [result] }
  var kind: String { "cholesky" }
  var work: StepWork {
    StepWork(
      operations: order * order * order / 3, elementsRead: order * order,
      elementsWritten: order * order)
  }
  var summary: String { "cholesky [\(order), \(order)]" }

  func scratchCount(threads: Int) -> Int {
    TriangularMatrix.scratchCount(order: order, columns: 0)
  }

  func rename(_ canonical: (BufferID) -> BufferID) {
    source = canonical(source)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let factor = memory.address(result)
    factor.update(from: memory.address(source), count: order * order)
    TriangularMatrix(order: order, factor: factor).factorize(scratch: memory.scratch, team)
  }
}

/// The solution of a triangular system for several right-hand sides.
final class TriangularSolveStep: Step {
  private let order, columns: Int
  private let isTransposed: Bool
  private var factor, right, result: BufferID
  private var memory: BoundMemory?

  init(
    order: Int, columns: Int, factor: BufferID, isTransposed: Bool, right: BufferID,
    result: BufferID
  ) {
    (self.order, self.columns, self.isTransposed) = (order, columns, isTransposed)
    (self.factor, self.right, self.result) = (factor, right, result)
  }

  var reads: [BufferID] { [factor, right] }
  var writes: [BufferID] { [result] }
  var kind: String { "triangular solve" }
  var work: StepWork {
    StepWork(
      operations: order * order * columns,
      elementsRead: order * (order / 2 + columns), elementsWritten: order * columns)
  }
  var summary: String {
    "triangular solve [\(order), \(order)]\(isTransposed ? "ᵀ" : "") · [\(order), \(columns)]"
  }

  func scratchCount(threads: Int) -> Int {
    TriangularMatrix.scratchCount(order: order, columns: columns)
  }

  func rename(_ canonical: (BufferID) -> BufferID) {
    factor = canonical(factor)
    right = canonical(right)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    TriangularMatrix(order: order, factor: memory.address(factor)).solve(
      memory.address(right), columns: columns, isTransposed: isTransposed,
      into: memory.address(result), scratch: memory.scratch, team)
  }
}
