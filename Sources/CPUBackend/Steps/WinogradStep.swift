import Execution

/// A convolution or one of its adjoints by Winograd's algorithm.
final class WinogradStep: Step {
  private let direction: ConvolutionDirection
  private let geometry: ConvolutionGeometry
  private let convolution: WinogradConvolution
  private var first, second, result: BufferID
  private var memory: BoundMemory?

  init(
    _ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry,
    _ convolution: WinogradConvolution, first: BufferID, second: BufferID, result: BufferID
  ) {
    (self.direction, self.geometry, self.convolution) = (direction, geometry, convolution)
    (self.first, self.second, self.result) = (first, second, result)
  }

  var reads: [BufferID] { [first, second] }
  var writes: [BufferID] { [result] }
  var kind: String { direction.kind }
  var work: StepWork { geometry.work(direction) }
  var summary: String {
    "convolution \(direction.rawValue) \(convolution.name) \(geometry.text), "
      + convolution.layouts.first.text + " " + convolution.layouts.second.text + " → "
      + convolution.layouts.result.text
  }

  func scratchCount(threads: Int) -> Int { convolution.scratchCount(threads: threads) }

  func rename(_ canonical: (BufferID) -> BufferID) {
    first = canonical(first)
    second = canonical(second)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    convolution.run(
      memory.address(first), memory.address(second), memory.address(result),
      scratch: memory.scratch, team)
  }
}
