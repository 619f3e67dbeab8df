import Execution

/// A convolution or one of its adjoints by oneDNN, of float32 or bfloat16 operands.
final class ConvolutionStep: Step {
  private let direction: ConvolutionDirection
  private let geometry: ConvolutionGeometry
  private let primitive: ConvolutionPrimitive
  private let isNarrow: Bool
  private var first, second, result: BufferID
  /// The bias's gradient, filled by a filter gradient.
  private var bias: BufferID?

  init(
    _ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry,
    _ primitive: ConvolutionPrimitive, first: BufferID, second: BufferID, result: BufferID,
    bias: BufferID? = nil, isNarrow: Bool = false
  ) {
    self.isNarrow = isNarrow
    (self.direction, self.geometry, self.primitive) = (direction, geometry, primitive)
    (self.first, self.second) = (first, second)
    (self.result, self.bias) = (result, bias)
  }

  var reads: [BufferID] { [first, second] }
  var writes: [BufferID] { [result] + (bias.map { [$0] } ?? []) }
  var kind: String { direction.kind }
  var work: StepWork {
    let sum = geometry.work(direction)
    guard bias != nil else { return sum }
    // The gradient of the bias adds every element of dy to one of its own.
    return sum
      + StepWork(
        operations: geometry.batch * geometry.resultCount, elementsRead: 0,
        elementsWritten: geometry.filters)
  }
  var summary: String {
    "convolution \(direction.rawValue) oneDNN\(isNarrow ? " bfloat16" : "") \(geometry.text)\(bias == nil ? "" : " + bias"), "
      + primitive.layouts.first.text + " " + primitive.layouts.second.text + " → "
      + primitive.layouts.result.text
  }

  func scratchCount(threads: Int) -> Int { primitive.scratchCount }

  func rename(_ canonical: (BufferID) -> BufferID) {
    first = canonical(first)
    second = canonical(second)
    result = canonical(result)
    bias = bias.map(canonical)
  }

  func bind(_ memory: BoundMemory) {
    primitive.bind(
      memory.address(first), memory.address(second), memory.address(result),
      bias: bias.map(memory.address), scratch: memory.scratch)
  }

  func run(_ team: ThreadTeam) { primitive.run() }
}
