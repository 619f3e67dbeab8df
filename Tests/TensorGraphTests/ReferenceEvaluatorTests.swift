import Execution
import GraphTestSupport
import TensorGraph
import Testing

/// The oracle against definitions written another way, element by element.
struct ReferenceEvaluatorTests {
  @Test(arguments: OperationCase.all + OperationCase.large)
  func resultHasTheInferredType(_ operationCase: OperationCase) {
    let inputs = operationCase.inputs(seed: 1)
    let operands = operationCase.operands.enumerated().map { position, shape in
      ReferenceTensor(shape, inputs["x\(position)"]!)
    }
    let value = operationCase.operation.evaluate(operands, as: TensorType(operationCase.result))
    #expect(value.shape == operationCase.result)
    #expect(value.elements.allSatisfy { !$0.isNaN })
  }

  @Test(
    arguments: OperationCase.all.filter {
      if case .convolution = $0.operation { true } else { false }
    })
  func convolutionIsItsDefinition(_ operationCase: OperationCase) {
    guard case .convolution(let window) = operationCase.operation else { return }
    let inputs = operationCase.inputs(seed: 2)
    let (x, f, y) = (operationCase.operands[0], operationCase.operands[1], operationCase.result)
    let result = evaluate(operationCase.graph, inputs: inputs)["y"]!
    for index in result.indices {
      let (w, h, m, n) = (
        index % y[3], index / y[3] % y[2], index / (y[3] * y[2]) % y[1],
        index / (y[3] * y[2] * y[1])
      )
      var total = 0.0
      for tap in 0..<f[1] * f[2] * f[3] {
        let (j, i, c) = (tap % f[3], tap / f[3] % f[2], tap / (f[3] * f[2]))
        let row = h * window.strides[0] + i * window.dilations[0] - window.paddingLow[0]
        let column = w * window.strides[1] + j * window.dilations[1] - window.paddingLow[1]
        guard (0..<x[2]).contains(row), (0..<x[3]).contains(column) else { continue }
        let channel = m / (f[0] / window.groups) * f[1] + c
        let element = inputs["x0"]![((n * x[1] + channel) * x[2] + row) * x[3] + column]
        total += element * inputs["x1"]![m * f[1] * f[2] * f[3] + tap]
      }
      #expect(abs(total - result[index]) <= 1e-12 * max(1, abs(total)))
    }
  }

  @Test func poolsTakeTheFirstMaximumAndIgnorePadding() {
    let builder = GraphBuilder("g")
    let x = builder.input("x", [1, 1, 3, 3])
    let t = builder.input("t", [1, 1, 3, 3])
    let window = PoolWindow(
      kernel: [2, 2], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [0, 0])
    let selected = builder.apply(.maxPoolSelect(window), [x, t])
    let total = builder.apply(.sumPool(window), [x])
    let scattered = builder.apply(.maxPoolScatter(window), [x, selected])
    builder.output("selected", selected)
    builder.output("total", total)
    builder.output("scattered", scattered)
    let outputs = evaluate(
      builder.graph,
      inputs: ["x": [-1, -5, -5, -4, 2, 2, -7, 2, 2], "t": [1, 2, 3, 4, 5, 6, 7, 8, 9]])
    #expect(outputs["selected"] == [1, 2, 4, 5])
    #expect(outputs["total"] == [-1, -10, -11, 8])
    #expect(outputs["scattered"] == [1, 2, 0, 4, 5, 0, 0, 0, 0])
  }

  @Test func matrixProductTransposesAsAsked() {
    let a = ReferenceTensor([2, 3], [1, 2, 3, 4, 5, 6])
    let b = ReferenceTensor([2, 3], [7, 8, 9, 10, 11, 12])
    func dot(_ left: Bool, _ right: Bool, _ shape: [Int]) -> [Double] {
      Operation.dot(transposeLeft: left, transposeRight: right)
        .evaluate([a, b], as: TensorType(shape)).elements
    }
    #expect(dot(false, true, [2, 2]) == [50, 68, 122, 167])
    #expect(dot(true, false, [3, 3]) == [47, 52, 57, 64, 71, 78, 81, 90, 99])
  }

  @Test func structureMovesElementsAsSaid() {
    func result(_ operation: Operation, _ x: ReferenceTensor, _ shape: [Int]) -> [Double] {
      operation.evaluate([x], as: TensorType(shape)).elements
    }
    let x = ReferenceTensor([2, 3], [1, 2, 3, 4, 5, 6])
    #expect(result(.transpose([1, 0]), x, [3, 2]) == [1, 4, 2, 5, 3, 6])
    #expect(
      result(.slice(starts: [0, 0], limits: [2, 3], strides: [1, 2]), x, [2, 2]) == [1, 3, 4, 6])
    #expect(
      result(.pad(low: [0, 1], high: [0, 0], interior: [0, 1]), x, [2, 6])
        == [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6])
    #expect(result(.broadcast(axes: [0]), ReferenceTensor([2], [7, 8]), [2, 2]) == [7, 7, 8, 8])
    #expect(result(.reduce(.maximum, axes: [0]), x, [3]) == [4, 5, 6])
    #expect(result(.reduce(.sum, axes: [1]), x, [2]) == [6, 15])
    #expect(
      Operation.concatenate(axis: 1).evaluate(
        [x, ReferenceTensor([2, 1], [8, 9])], as: TensorType([2, 4])
      ).elements == [1, 2, 3, 8, 4, 5, 6, 9])
  }

  @Test func notANumberIsNotHidden() {
    for (a, b) in [(Double.nan, 1.0), (1.0, .nan)] {
      #expect(Operation.Binary.maximum.evaluate(a, b).isNaN)
      #expect(Operation.Binary.minimum.evaluate(a, b).isNaN)
    }
    let x = ReferenceTensor([3], [1, .nan, 2])
    let maximum = Operation.reduce(.maximum, axes: [0]).evaluate([x], as: .scalar)
    #expect(maximum.elements[0].isNaN)
  }

  @Test func randomNumbersDependOnStreamAndCounterAlone() {
    func draw(_ stream: UInt64, _ counter: Double) -> [Double] {
      Operation.random(stream: stream).evaluate(
        [ReferenceTensor([], [counter])], as: TensorType([64])
      ).elements
    }
    #expect(draw(1, 5) == draw(1, 5))
    #expect(draw(1, 5) != draw(1, 6))
    #expect(draw(1, 5) != draw(2, 5))
    #expect(draw(1, 5).allSatisfy { (0..<1).contains($0) })
    #expect(draw(1, .nan) == draw(1, 0))
  }

  @Test func persistentInputsFollowTheirOutputs() throws {
    let builder = GraphBuilder("step")
    let count = builder.input("count", [], isPersistent: true)
    builder.output("count", count + 1)
    let executable = ReferenceBackend().compile(builder.graph)
    executable.write("count", HostTensor(4))
    try executable.execute()
    try executable.execute()
    #expect(executable.current("count") == HostTensor(6))
    #expect(executable.read("count") == HostTensor(6))
  }
}
