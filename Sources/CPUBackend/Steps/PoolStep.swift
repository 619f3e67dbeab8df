import Execution
import TensorGraph

/// Sum and maximum pooling and their adjoints over row-major planes.
final class PoolStep: Step {
  /// Which of the four.
  enum Kind: String {
    /// Operand x.
    case sum
    /// Operand dy.
    case sumGradient
    /// Operands x, t.
    case select
    /// Operands x, dy.
    case scatter
  }

  private let kindOfPool: Kind
  private let planes: Int
  private let geometry: PoolGeometry
  private var operands: [BufferID]
  private var result: BufferID
  private var memory: BoundMemory?

  init(
    _ kind: Kind, x: [Int], y: [Int], _ window: PoolWindow, operands: [BufferID], result: BufferID
  ) {
    kindOfPool = kind
    planes = x[0] * x[1]
    geometry = PoolGeometry(
      height: x[2], width: x[3], outHeight: y[2], outWidth: y[3], window: window)
    self.operands = operands
    self.result = result
  }

  var reads: [BufferID] { operands }
  var writes: [BufferID] { [result] }
  var kind: String { "pool \(kindOfPool.rawValue)" }
  var work: StepWork {
    let (inside, outside) = (planes * geometry.inCount, planes * geometry.outCount)
    // Each window combines all its elements, counted as if none lay in the padding.
    let operations = outside * geometry.window.kernel.reduce(1, *)
    return switch kindOfPool {
    case .sum:
      StepWork(operations: operations, elementsRead: inside, elementsWritten: outside)
    case .sumGradient:
      StepWork(operations: operations, elementsRead: outside, elementsWritten: inside)
    case .select:
      StepWork(operations: operations, elementsRead: 2 * inside, elementsWritten: outside)
    case .scatter:
      StepWork(operations: operations, elementsRead: inside + outside, elementsWritten: inside)
    }
  }
  var summary: String {
    "pool \(kindOfPool.rawValue) \(planes) × \(geometry.height)×\(geometry.width) → "
      + "\(geometry.outHeight)×\(geometry.outWidth)"
  }

  func rename(_ canonical: (BufferID) -> BufferID) {
    operands = operands.map(canonical)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let (inside, outside) = (geometry.inCount, geometry.outCount)
    let (a, b) = (memory.address(operands[0]), memory.address(operands[operands.count - 1]))
    let c = memory.address(result)
    team.forEachRange(count: planes, grain: max(1, 16384 / max(1, inside))) { _, range in
      for plane in range {
        switch kindOfPool {
        case .sum: geometry.sum(a + plane * inside, into: c + plane * outside)
        case .sumGradient: geometry.spread(a + plane * outside, into: c + plane * inside)
        case .select:
          geometry.select(a + plane * inside, b + plane * inside, into: c + plane * outside)
        case .scatter:
          geometry.scatter(a + plane * inside, b + plane * outside, into: c + plane * inside)
        }
      }
    }
  }
}
