import TensorGraph

extension Planner {
  /// Emits the step of a node that is not elementwise.
  mutating func emitKernel(_ value: Value) {
    let node = graph[value]
    let (shape, operands) = (node.type.shape, node.operands)
    switch node.operation {
    case .reduce(let fold, let axes):
      emitReduction(value, fold, axes)
    case .pad(let low, _, let interior):
      let strides = rowMajorStrides(shape)
      let offset = zip(low, strides).reduce(0) { $0 + $1.0 * $1.1 }
      let steps = zip(interior, strides).map { ($0 + 1) * $1 }
      emitPlacement(value, [(operands[0], offset, steps)], clearsFirst: true)
    case .concatenate(let axis):
      let strides = rowMajorStrides(shape)
      var offset = 0
      var parts: [(Value, Int, [Int])] = []
      for operand in operands {
        parts.append((operand, offset, strides))
        offset += graph[operand].type.shape[axis] * strides[axis]
      }
      emitPlacement(value, parts, clearsFirst: false)
    case .dot(let transposeLeft, let transposeRight):
      emitDot(value, transposeLeft, transposeRight)
    case .cholesky:
      let source = plainBuffer(operands[0])
      emit(CholeskyStep(order: shape[0], source: source, result: makeResult(value)), value)
    case .triangularSolve(let transposed):
      let (factor, right) = (plainBuffer(operands[0]), plainBuffer(operands[1]))
      emit(
        TriangularSolveStep(
          order: shape[0], columns: shape[1], factor: factor, isTransposed: transposed,
          right: right, result: makeResult(value)), value)
    case .convolution(let window):
      emitConvolution(.forward, value, window, x: graph[operands[0]].type.shape, y: shape)
    case .convolutionInputGradient(let window):
      emitConvolution(.inputGradient, value, window, x: shape, y: graph[operands[0]].type.shape)
    case .convolutionFilterGradient(let window):
      emitConvolution(
        .filterGradient, value, window, x: graph[operands[0]].type.shape,
        y: graph[operands[1]].type.shape)
    case .sumPool(let window):
      emitPool(.sum, value, window, x: graph[operands[0]].type.shape, y: shape)
    case .sumPoolGradient(let window):
      emitPool(.sumGradient, value, window, x: shape, y: graph[operands[0]].type.shape)
    case .maxPoolSelect(let window):
      emitPool(.select, value, window, x: graph[operands[0]].type.shape, y: shape)
    case .maxPoolScatter(let window):
      emitPool(.scatter, value, window, x: shape, y: graph[operands[1]].type.shape)
    case .random(let stream):
      let counter = plainBuffer(operands[0])
      let result = makeResult(value)
      emit(
        RandomStep(stream: stream, counter: counter, result: result, count: node.type.count), value)
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .broadcast, .reshape,
      .transpose, .slice, .stopGradient, .withDerivative:
      preconditionFailure("\(node.operation.name) is not a kernel")
    }
  }

  /// Appends a step unless its result is empty.
  private mutating func emit(_ step: any Step, _ value: Value) {
    if graph[value].type.count > 0 { append(step) }
  }

  private mutating func emitReduction(
    _ value: Value, _ fold: Operation.Reduction, _ axes: [Int]
  ) {
    let operand = graph[value].operands[0]
    let shape = graph[operand].type.shape
    var kept = rowMajorStrides(graph[value].type.shape)[...]
    let targets = shape.indices.map { axes.contains($0) ? 0 : kept.removeFirst() }
    let layout = layouts(of: operand)[0]
    let source = buffer(operand, layout)
    let sizes = layout.physicalStrides
    let nest = zip(layout.dimensions, sizes).map { dimension, stride in
      StridedDimension(
        extent: dimension.extent, stride: stride,
        otherStride: targets[dimension.axis] * dimension.multiplier)
    }
    let empty = StridedDimension(extent: 0, stride: 1)
    let result = makeResult(value)
    emit(
      ReductionStep(
        fold, source: source, nest: shape.contains(0) ? [empty] : nest, result: result,
        resultCount: graph[value].type.count), value)
  }

  private mutating func emitPlacement(
    _ value: Value, _ parts: [(operand: Value, offset: Int, strides: [Int])], clearsFirst: Bool
  ) {
    let placed = parts.filter { graph[$0.operand].type.count > 0 }.map { part in
      let shape = graph[part.operand].type.shape
      let nest = zip(shape, zip(part.strides, rowMajorStrides(shape))).map {
        StridedDimension(extent: $0, stride: $1.0, otherStride: $1.1)
      }
      return PlacementStep.Part(
        source: plainBuffer(part.operand), nest: nest.collapsed, offset: part.offset)
    }
    let result = makeResult(value)
    emit(
      PlacementStep(
        name: graph[value].operation.name, parts: placed, result: result,
        count: graph[value].type.count, clearsFirst: clearsFirst), value)
  }

  private mutating func emitDot(_ value: Value, _ transposeLeft: Bool, _ transposeRight: Bool) {
    let node = graph[value]
    let inner = graph[node.operands[0]].type.shape[transposeLeft ? 0 : 1]
    let (left, right) = (plainBuffer(node.operands[0]), plainBuffer(node.operands[1]))
    let result = makeResult(value)
    emit(
      DotStep(
        rows: node.type.shape[0], columns: node.type.shape[1], inner: inner, left: left,
        transposeLeft: transposeLeft, right: right, transposeRight: transposeRight,
        result: result), value)
  }

  private mutating func emitPool(
    _ kind: PoolStep.Kind, _ value: Value, _ window: PoolWindow, x: [Int], y: [Int]
  ) {
    let operands = graph[value].operands.map { plainBuffer($0) }
    let result = makeResult(value)
    emit(PoolStep(kind, x: x, y: y, window, operands: operands, result: result), value)
  }

  /// Emits a convolution or one of its adjoints, by oneDNN or by unfolding.
  private mutating func emitConvolution(
    _ direction: ConvolutionDirection, _ value: Value, _ window: ConvolutionWindow, x: [Int],
    y: [Int]
  ) {
    let geometry = ConvolutionGeometry(x: x, y: y, window)
    let operands = graph[value].operands
    if direction == .filterGradient, TapGradientStep.serves(geometry) {
      return emitTapGradient(value, geometry)
    }
    // Tiles multiply bfloat16 numbers about ten times as fast as float32 numbers, vectors twice as fast.
    if OneDNN.hasTiles, emitNarrow(direction, value, geometry) { return }
    if purpose.isTraining, let convolution = WinogradConvolution(direction, geometry) {
      return emitWinograd(direction, value, geometry, convolution)
    }
    if emitNarrow(direction, value, geometry) { return }
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
    append(
      ConvolutionStep(
        direction, geometry, primitive, first: first, second: second, result: result, bias: bias))
    return true
  }

  private mutating func emitTapGradient(_ value: Value, _ geometry: ConvolutionGeometry) {
    let operands = graph[value].operands
    let first = plainBuffer(operands[0])
    let second = buffer(operands[1], TapGradientStep.layout(geometry))
    append(
      TapGradientStep(geometry, first: first, second: second, result: makeResult(value)))
  }

  /// Emits a convolution of operands rounded to bfloat16 in that format, where the processor has such products.
  private mutating func emitNarrow(
    _ direction: ConvolutionDirection, _ value: Value, _ geometry: ConvolutionGeometry
  ) -> Bool {
    let operands = graph[value].operands
    let sum = roles.biasGradient[value.index].map { Value($0) }
    guard OneDNN.hasFastBFloat16, geometry.batch >= 4,
      operands.allSatisfy({ graph[$0].operation == .unary(.bfloat16) }),
      let primitive = ConvolutionPrimitive(
        direction, geometry, hasBias: sum != nil, isNarrow: true)
    else { return false }
    let first = narrowBuffer(operands[0], primitive.layouts.first)
    let second = narrowBuffer(operands[1], primitive.layouts.second)
    let result = makeBuffer(graph[value].type.count)
    place(value, result, primitive.layouts.result)
    let bias = sum.map { makeResult($0) }
    append(
      ConvolutionStep(
        direction, geometry, primitive, first: first, second: second, result: result, bias: bias,
        isNarrow: true))
    return true
  }

  private mutating func emitWinograd(
    _ direction: ConvolutionDirection, _ value: Value, _ geometry: ConvolutionGeometry,
    _ convolution: WinogradConvolution
  ) {
    let operands = graph[value].operands
    let first = buffer(operands[0], convolution.layouts.first)
    let second = buffer(operands[1], convolution.layouts.second)
    let result = makeBuffer(graph[value].type.count)
    place(value, result, convolution.layouts.result)
    append(
      WinogradStep(
        direction, geometry, convolution, first: first, second: second, result: result))
    if let sum = roles.biasGradient[value.index] { emitKernel(Value(sum)) }
  }

  /// Whether oneDNN's kernel is faster: it divides batches among threads, and its gradient with respect
  /// to few channels is slow.
  private func prefersLibrary(_ direction: ConvolutionDirection, _ geometry: ConvolutionGeometry)
    -> Bool
  {
    let hasWork = geometry.imageCount > 0 && geometry.resultCount > 0 && geometry.patch > 0
    let isNarrow = direction == .inputGradient && geometry.channels < 8
    return geometry.batch >= 4 && geometry.window.groups == 1 && hasWork && !isNarrow
  }
}
