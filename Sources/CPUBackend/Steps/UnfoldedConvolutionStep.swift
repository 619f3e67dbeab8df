import Execution
import TensorGraph

/// A convolution or one of its adjoints as products with unfolded patches: it handles every geometry, and
/// is faster for single images.
final class UnfoldedConvolutionStep: Step {
  private let direction: ConvolutionDirection
  private let geometry: ConvolutionGeometry
  private var first, second, result: BufferID
  private var memory: BoundMemory?

  init(
    _ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry, first: BufferID,
    second: BufferID,
    result: BufferID
  ) {
    self.direction = direction
    self.geometry = geometry
    (self.first, self.second, self.result) = (first, second, result)
  }

  var reads: [BufferID] { [first, second] }
  var writes: [BufferID] { [result] }
  var kind: String { direction.kind }
  var work: StepWork { geometry.work(direction) }
  var summary: String { "convolution \(direction.rawValue) unfolded \(geometry.text)" }

  private var columnCount: Int { geometry.patch * geometry.positions }
  private var filterCount: Int { geometry.filters * geometry.patch }

  func scratchCount(threads: Int) -> Int {
    threads * (columnCount + (direction == .filterGradient ? filterCount : 0))
  }

  func rename(_ canonical: (BufferID) -> BufferID) {
    first = canonical(first)
    second = canonical(second)
    result = canonical(result)
  }

  func bind(_ memory: BoundMemory) { self.memory = memory }

  func run(_ team: ThreadTeam) {
    guard let memory else { return }
    let (a, b, c) = (memory.address(first), memory.address(second), memory.address(result))
    switch direction {
    case .filterGradient: runFilterGradient(a, b, c, memory.scratch, team)
    case .forward, .inputGradient: runImages(a, b, c, memory.scratch, team)
    }
  }

  /// Images over threads; the threads share a single image's products instead.
  private func runImages(
    _ a: Elements, _ filter: Elements, _ c: Elements, _ scratch: Elements, _ team: ThreadTeam
  ) {
    let alone = geometry.batch < team.threads
    let inner = alone ? team : ThreadTeam(threads: 1)
    let images = alone ? ThreadTeam(threads: 1) : team
    images.forEachRange(count: geometry.batch, grain: 1) { thread, range in
      let columns = scratch + thread * columnCount
      for image in range {
        for group in 0..<geometry.window.groups {
          if direction == .forward {
            forward(a, filter, c, image, group, columns, inner)
          } else {
            inputGradient(a, filter, c, image, group, columns, inner)
          }
        }
      }
    }
  }

  private func xOffset(_ image: Int, _ group: Int) -> Int {
    image * geometry.imageCount + group * geometry.groupChannels * geometry.height * geometry.width
  }

  private func yOffset(_ image: Int, _ group: Int) -> Int {
    image * geometry.resultCount + group * geometry.groupFilters * geometry.positions
  }

  private func filterOffset(_ group: Int) -> Int { group * geometry.groupFilters * geometry.patch }

  private func forward(
    _ x: Elements, _ filter: Elements, _ y: Elements, _ image: Int, _ group: Int,
    _ columns: Elements, _ team: ThreadTeam
  ) {
    geometry.unfold(x + xOffset(image, group), into: columns)
    MatrixProduct.run(
      rows: geometry.groupFilters, columns: geometry.positions, inner: geometry.patch,
      Matrix(
        address: filter + filterOffset(group), rowStride: geometry.patch, isTransposed: false),
      Matrix(address: columns, rowStride: geometry.positions, isTransposed: false),
      y + yOffset(image, group), team)
  }

  private func inputGradient(
    _ dy: Elements, _ filter: Elements, _ dx: Elements, _ image: Int, _ group: Int,
    _ columns: Elements, _ team: ThreadTeam
  ) {
    MatrixProduct.run(
      rows: geometry.patch, columns: geometry.positions, inner: geometry.groupFilters,
      Matrix(address: filter + filterOffset(group), rowStride: geometry.patch, isTransposed: true),
      Matrix(
        address: dy + yOffset(image, group), rowStride: geometry.positions, isTransposed: false),
      columns, team)
    let target = dx + xOffset(image, group)
    target.update(
      repeating: 0, count: geometry.groupChannels * geometry.height * geometry.width)
    geometry.fold(columns, into: target)
  }

  /// Each thread sums over its images, the first one in place; the sums are then added in thread order.
  private func runFilterGradient(
    _ x: Elements, _ dy: Elements, _ result: Elements, _ scratch: Elements, _ team: ThreadTeam
  ) {
    let alone = geometry.batch < team.threads
    let inner = alone ? team : ThreadTeam(threads: 1)
    let images = alone ? ThreadTeam(threads: 1) : team
    let sums = scratch + team.threads * columnCount
    let parts = images.forEachRange(count: geometry.batch, grain: 1) { thread, range in
      let columns = scratch + thread * columnCount
      let sum = thread == 0 ? result : sums + thread * filterCount
      for image in range {
        for group in 0..<geometry.window.groups {
          geometry.unfold(x + xOffset(image, group), into: columns)
          MatrixProduct.run(
            rows: geometry.groupFilters, columns: geometry.patch, inner: geometry.positions,
            Matrix(
              address: dy + yOffset(image, group), rowStride: geometry.positions,
              isTransposed: false),
            Matrix(address: columns, rowStride: geometry.positions, isTransposed: true),
            sum + filterOffset(group), accumulating: image > range.lowerBound, inner)
        }
      }
    }
    if parts == 0 { result.update(repeating: 0, count: filterCount) }
    for thread in 1..<max(1, parts) {
      let sum = sums + thread * filterCount
      for i in 0..<filterCount { result[i] += sum[i] }
    }
  }
}
