import GraphTestSupport
import TensorGraph
import Testing

/// Derivatives against central differences and against the adjoint identity, for every operation.
struct GradientTests {
  static let differentiable = OperationCase.all.filter { operationCase in
    switch operationCase.operation {
    case .splat, .literal, .random, .compare, .stopGradient, .withDerivative, .unary(.sign),
      .unary(.bfloat16):
      false
    default: true
    }
  }

  /// The operands through which derivatives flow.
  static func names(_ operationCase: OperationCase) -> [String] {
    let isMaskFirst =
      switch operationCase.operation {
      case .select, .maxPoolSelect, .maxPoolScatter: true
      default: false
      }
    return operationCase.operands.indices.dropFirst(isMaskFirst ? 1 : 0).map { "x\($0)" }
  }

  @Test(arguments: differentiable)
  func pullbackAgreesWithCentralDifference(_ operationCase: OperationCase) {
    let check = GradientCheck(operationCase.graph, withRespectTo: Self.names(operationCase))
    for seed in 0..<20 {
      let inputs = operationCase.inputs(seed: UInt64(seed))
      let (difference, gradient, scale) = check.compare(inputs, seed: UInt64(seed))
      #expect(abs(difference - gradient) <= 2e-9 * scale, "seed \(seed)")
    }
  }

  @Test(arguments: differentiable.filter(\.isSmooth))
  func secondPullbackAgreesWithCentralDifference(_ operationCase: OperationCase) {
    let names = Self.names(operationCase)
    let graph = GradientCheck(operationCase.graph, withRespectTo: names).pullbackGraph
    let gradient = graph.outputs.first { $0.name == "d\(names[0])" }!.value
    let check = GradientCheck(graph.renamed(output: gradient), withRespectTo: names + ["c"])
    for seed in 0..<3 {
      var inputs = operationCase.inputs(seed: UInt64(seed))
      inputs["c"] = (0..<operationCase.result.reduce(1, *)).map { Double($0 % 7 - 3) / 4 }
      let (difference, gradient, scale) = check.compare(inputs, seed: UInt64(seed))
      #expect(abs(difference - gradient) <= 2e-8 * scale, "seed \(seed)")
    }
  }
}

extension Graph {
  /// The graph with a value as its only output `y` and the input `cotangent` called `c`.
  fileprivate func renamed(output: Value) -> Graph {
    var graph = self
    graph.outputs = [.init(name: "y", value: output)]
    graph.inputs = graph.inputs.map {
      $0.name == "cotangent" ? .init(name: "c", value: $0.value, isPersistent: false) : $0
    }
    for input in graph.inputs where input.name == "c" {
      let node = graph[input.value]
      graph.nodes[input.value.index] = Node(.input("c"), [], node.type)
    }
    return graph
  }
}

/// The adjoint identity for linear operations, to rounding.
struct AdjointTests {
  /// A case and the operand in which it is linear.
  struct LinearCase: Sendable, CustomStringConvertible {
    let base: OperationCase
    let operand: Int
    var description: String { "\(base) in operand \(operand)" }
  }

  static let linear: [LinearCase] = OperationCase.all.flatMap { base -> [LinearCase] in
    let operands: [Int] =
      switch base.operation {
      case .unary(.negate), .broadcast, .reshape, .transpose, .reduce(.sum, axes: _), .slice, .pad,
        .sumPool, .sumPoolGradient:
        [0]
      case .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient: [0, 1]
      case .maxPoolSelect, .maxPoolScatter: [1]
      case .concatenate: base.operands.count == 1 ? [0] : []
      default: []
      }
    return operands.map { LinearCase(base: base, operand: $0) }
  }

  @Test(arguments: linear)
  func pullbackIsTheAdjoint(_ linear: LinearCase) {
    let (graph, name) = (linear.base.graph, "x\(linear.operand)")
    let check = GradientCheck(graph, withRespectTo: [name])
    var inputs = linear.base.inputs(seed: 3)
    let y = (0..<linear.base.result.reduce(1, *)).map { Double($0 % 11 - 5) / 3 }
    inputs["cotangent"] = y
    let outputs = evaluate(check.pullbackGraph, inputs: inputs)
    let products = zip(outputs["y"]!, y).map { $0 * $1 }
    let adjoint = zip(outputs["d\(name)"]!, inputs[name]!).map { $0 * $1 }
    let size = (products + adjoint).reduce(0) { $0 + abs($1) }
    #expect(abs(products.reduce(0, +) - adjoint.reduce(0, +)) <= 1e-13 * size)
  }
}

/// Rules of the pullback that no single operation shows.
struct DifferentiationTests {
  @Test func valueUsedTwiceAccumulates() {
    let builder = GraphBuilder("g")
    let x = builder.input("x", [])
    let square = x * x
    let y = square + x
    let gradient = y.gradients(withRespectTo: [x, square])
    builder.output("dx", gradient[0])
    builder.output("ds", gradient[1])
    let outputs = evaluate(builder.graph, inputs: ["x": [3]])
    #expect(outputs == ["dx": [7], "ds": [1]])
  }

  @Test func independentInputGetsZeroAndNoOtherNode() {
    let builder = GraphBuilder("g")
    let x = builder.input("x", [2])
    let other = builder.input("other", [3])
    let y = x.sum()
    let count = builder.graph.nodes.count
    let gradients = y.gradients(withRespectTo: [other])
    #expect(builder.graph[gradients[0].value] == Node(.splat(0), [], TensorType([3])))
    #expect(builder.graph.nodes.count == count + 2)
  }

  @Test func stopGradientAndMaskCutDerivatives() {
    let builder = GraphBuilder("g")
    let x = builder.input("x", [])
    let stopped = stopGradient(x)
    let product = stopped * x
    let gradients = product.gradients(withRespectTo: [x])
    builder.output("dx", gradients[0])
    #expect(evaluate(builder.graph, inputs: ["x": [5]])["dx"] == [5])
  }

  @Test(arguments: [Operation.Binary.maximum, .minimum])
  func tiesGoToTheSecondOperand(_ function: Operation.Binary) {
    let builder = GraphBuilder("g")
    let (a, b) = (builder.input("a", []), builder.input("b", []))
    let y = builder.apply(.binary(function), [a, b])
    for (name, value) in zip(["da", "db"], y.gradients(withRespectTo: [a, b])) {
      builder.output(name, value)
    }
    #expect(evaluate(builder.graph, inputs: ["a": [2], "b": [2]]) == ["da": [0], "db": [1]])
  }

  @Test func reducedMaximumSharesAmongTies() {
    let builder = GraphBuilder("g")
    let x = builder.input("x", [4])
    let y = x.maximum()
    let gradients = y.gradients(withRespectTo: [x])
    builder.output("dx", gradients[0])
    #expect(evaluate(builder.graph, inputs: ["x": [1, 3, 3, 0]])["dx"] == [0, 0.5, 0.5, 0])
  }

  @Test func normAtZeroHasDerivativeZero() {
    let builder = GraphBuilder("g")
    let x = builder.input("x", [2])
    let y = x.euclideanNorm()
    let gradients = y.gradients(withRespectTo: [x])
    builder.output("dx", gradients[0])
    #expect(evaluate(builder.graph, inputs: ["x": [0, 0]])["dx"] == [0, 0])
    let unit = evaluate(builder.graph, inputs: ["x": [3, 4]])["dx"]!
    #expect(abs(unit[0] - 0.6) < 1e-15 && abs(unit[1] - 0.8) < 1e-15)
  }
}
