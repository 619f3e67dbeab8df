import TensorGraph

extension Planner {
  /// Emits a convolution or one of its adjoints, by oneDNN or by unfolding.
  mutating func emitConvolution(
    _ direction: ConvolutionDirection, _ value: Value, _ window: ConvolutionWindow, x: [Int],
    y: [Int]
  ) {
    let geometry = ConvolutionGeometry(x: x, y: y, window)
    let operands = graph[value].operands
    if prefersLibrary(direction, geometry), emitPrimitive(direction, value, geometry) { return }
    let (first, second) = (plainBuffer(operands[0]), plainBuffer(operands[1]))
    let result = makeResult(value)
    emit(
      UnfoldedConvolutionStep(direction, geometry, first: first, second: second, result: result),
      value)
    if let sum = roles.biasGradient[value.index] { emitKernel(Value(sum)) }
  }

  private mutating func emitPrimitive(
    _ direction: ConvolutionDirection, _ value: Value, _ geometry: ConvolutionGeometry
  ) -> Bool {
    let sum = roles.biasGradient[value.index].map { Value($0) }
    guard let primitive = ConvolutionPrimitive(direction, geometry, hasBias: sum != nil) else {
      return false
    }
    let operands = graph[value].operands
    let first = buffer(operands[0], primitive.layouts.first)
    let second = buffer(operands[1], primitive.layouts.second)
    let result = makeBuffer(graph[value].type.count)
    place(value, result, primitive.layouts.result)
    let bias = sum.map { makeResult($0) }
    steps.append(
      ConvolutionStep(
        direction, geometry, primitive, first: first, second: second, result: result, bias: bias))
    return true
  }

  /// Whether oneDNN's kernel is the faster one: it divides batches among threads, and its gradient
  /// to a single channel is slow.
  func prefersLibrary(_ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry) -> Bool {
    let hasWork = geometry.imageCount > 0 && geometry.resultCount > 0 && geometry.patch > 0
    let isNarrow = direction == .inputGradient && geometry.channels < 8
    return geometry.batch >= 4 && geometry.window.groups == 1 && hasWork && !isNarrow
  }
}
