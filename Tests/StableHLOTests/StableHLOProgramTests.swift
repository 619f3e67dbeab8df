import Diagnostics
import GraphTestSupport
import TensorGraph
import Testing

@testable import StableHLO

@Suite struct StableHLOProgramTests {
  @Test(arguments: OperationCase.all)
  func everyOperationIsWrittenWithUniqueAndLegalNames(_ example: OperationCase) {
    let text = StableHLOProgram(example.graph).text
    expectWellFormed(text)
    let result = TensorType(example.result).mlir
    #expect(text.contains(" : \(result)\n  }\n}\n"), "\(text)")
  }

  @Test func theConformanceSuiteHasEveryOperation() {
    let names = Set(OperationCase.all.map(\.operation.name))
    let functions =
      Operation.Unary.allCases.map(\.rawValue) + Operation.Binary.allCases.map(\.rawValue)
      + Operation.Comparison.allCases.map(\.rawValue)
    let others = [
      "splat", "literal", "select", "broadcast", "reshape", "transpose", "reduceSum",
      "reduceMaximum", "slice", "pad", "concatenate", "dot", "cholesky", "triangularSolve",
      "convolution", "convolutionInputGradient", "convolutionFilterGradient", "sumPool",
      "sumPoolGradient", "maxPoolSelect", "maxPoolScatter", "random", "stopGradient",
      "withDerivative",
    ]
    #expect(Set(functions + others).subtracting(names).isEmpty)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func randomGraphsHaveUniqueAndLegalNames(seed: UInt64) {
    expectWellFormed(StableHLOProgram(RandomGraph.make(seed: seed)).text)
  }

  @Test func foreignNamesBecomeLegalAndStayApart() {
    let builder = GraphBuilder("a graph")
    let names = ["x/1", "x_1", "x 1", "7", "", "größe", "v3$zero", "-", "a.b"]
    let inputs = names.map { builder.input($0, [2]) }
    builder.output("sum\"\\\n", inputs.dropFirst().reduce(inputs[0]) { $0 + $1 })
    let text = StableHLOProgram(builder.graph).text
    expectWellFormed(text)
    #expect(text.contains("module @\"a graph\" {"))
    for line in [
      "%x_1: tensor<2xf32> loc(\"x/1\")", "%x_1_2: tensor<2xf32> loc(\"x_1\")",
      "%x_1_3: tensor<2xf32> loc(\"x 1\")", "%_7: tensor<2xf32> loc(\"7\")",
      "%gr__e: tensor<2xf32> loc(\"gr\\C3\\B6\\C3\\9Fe\")", "%a.b: tensor<2xf32> loc(\"a.b\")",
      #"{jax.result_info = "sum\"\\\0A"}"#,
    ] {
      #expect(text.contains(line), "\(text)")
    }
  }

  @Test func aStepReadsLikeItsGraph() {
    let builder = GraphBuilder("step")
    let x = builder.input("x", [4, 3])
    let spec = SourceFile(path: "spec.yaml", text: "\n\n\n\n\n\n      - dense: 2\n")
    let w = builder.input(
      "layer.weight", [2, 3], isPersistent: true, place: Span(spec, 14, 22))
    let scores = builder.apply(.dot(transposeLeft: false, transposeRight: true), [x, w])
    let positive = select(scores .> 0, scores, 0)
    builder.output("loss", positive.sum())
    builder.output("layer.weight", w - 0.5)
    let program = StableHLOProgram(
      builder.graph, donating: StableHLOProgram.persistentInputs(of: builder.graph),
      isLocated: true)
    expectWellFormed(program.text)
    #expect(program.text == Self.step, "\(program.text)")
  }

  private static let step = """
    module @step {
      func.func public @main(
        %x: tensor<4x3xf32> loc("x"),
        %layer.weight: tensor<2x3xf32> {tf.aliasing_output = 1 : i32} loc("layer.weight"("spec.yaml":7:9))
      ) -> (
        tensor<f32> {jax.result_info = "loss"},
        tensor<2x3xf32> {jax.result_info = "layer.weight"}
      ) {
        %2 = stablehlo.dot_general %x, %layer.weight, contracting_dims = [1] x [1], \
    precision = [HIGHEST, HIGHEST] : (tensor<4x3xf32>, tensor<2x3xf32>) -> tensor<4x2xf32> \
    loc("spec.yaml":7:9)
        %3 = stablehlo.constant dense<0.0> : tensor<4x2xf32>
        %v4$holds = stablehlo.compare GT, %2, %3 : (tensor<4x2xf32>, tensor<4x2xf32>) \
    -> tensor<4x2xi1> loc("spec.yaml":7:9)
        %4 = stablehlo.convert %v4$holds : (tensor<4x2xi1>) -> tensor<4x2xf32> loc("spec.yaml":7:9)
        %5 = stablehlo.constant dense<0.0> : tensor<4x2xf32>
        %v6$zeros = stablehlo.constant dense<0.0> : tensor<4x2xf32> loc("spec.yaml":7:9)
        %v6$set = stablehlo.compare NE, %4, %v6$zeros : (tensor<4x2xf32>, tensor<4x2xf32>) \
    -> tensor<4x2xi1> loc("spec.yaml":7:9)
        %6 = stablehlo.select %v6$set, %2, %5 : tensor<4x2xi1>, tensor<4x2xf32> \
    loc("spec.yaml":7:9)
        %v7$zero = stablehlo.constant dense<0.0> : tensor<f32> loc("spec.yaml":7:9)
        %7 = stablehlo.reduce(%6 init: %v7$zero) applies stablehlo.add across dimensions = [0, 1] \
    : (tensor<4x2xf32>, tensor<f32>) -> tensor<f32> loc("spec.yaml":7:9)
        %8 = stablehlo.constant dense<0.5> : tensor<2x3xf32>
        %9 = stablehlo.subtract %layer.weight, %8 : tensor<2x3xf32> loc("spec.yaml":7:9)
        return %7, %9 : tensor<f32>, tensor<2x3xf32>
      }
    }

    """

  /// Operations of several lines, and what is no operation.
  @Test(arguments: OperationCase.all) func everyLineHasItsNode(_ example: OperationCase) {
    let program = StableHLOProgram(example.graph)
    let lines = program.text.split(separator: "\n", omittingEmptySubsequences: false)
    var defined: Set<Value> = []
    for (index, line) in lines.enumerated() {
      let value = program.value(atLine: index + 1)
      guard let name = line.firstMatch(of: #/^ {4}%(?:v(\d+)\$\w+|(\d+)) = /#) else { continue }
      let number = (name.1 ?? name.2).flatMap { Int($0) }
      #expect(value?.index == number, "\(line)")
      if let value { defined.insert(value) }
    }
    let last = Value(example.graph.nodes.count - 1)
    let isIdentity = ["stopGradient", "withDerivative"].contains(example.operation.name)
    #expect(defined.contains(last) != isIdentity, "\(program.text)")
    #expect(program.value(atLine: 1) == nil)
    #expect(program.value(atLine: lines.count) == nil)
  }

  @Test func precisionIsThatOfProductsAndConvolutions() {
    let products = OperationCase.all.filter {
      $0.operation.name == "dot" || $0.operation.name.hasPrefix("convolution")
    }
    for example in products {
      let exact = StableHLOProgram(example.graph).text
      let fast = StableHLOProgram(example.graph, precision: .fastest).text
      #expect(exact.contains("HIGHEST") && !exact.contains("DEFAULT"))
      #expect(fast == exact.replacing("HIGHEST", with: "DEFAULT"))
    }
  }

  /// The operands are bfloat16 numbers already: as such they multiply faster, and exactly.
  @Test func roundedOperandsMultiplyAsBFloat16() {
    let builder = GraphBuilder("rounded")
    let (x, w) = (builder.input("x", [4, 3]), builder.input("w", [3, 2]))
    builder.output("y", roundedToBFloat16(x).dot(roundedToBFloat16(w)))
    let text = StableHLOProgram(builder.graph).text
    expectWellFormed(text)
    let lines = """
          %2 = stablehlo.reduce_precision %x, format = e8m7 : tensor<4x3xf32>
          %3 = stablehlo.reduce_precision %w, format = e8m7 : tensor<3x2xf32>
          %v4$left = stablehlo.convert %2 : (tensor<4x3xf32>) -> tensor<4x3xbf16>
          %v4$right = stablehlo.convert %3 : (tensor<3x2xf32>) -> tensor<3x2xbf16>
          %4 = stablehlo.dot_general %v4$left, %v4$right, contracting_dims = [1] x [0], \
      precision = [DEFAULT, DEFAULT] : (tensor<4x3xbf16>, tensor<3x2xbf16>) -> tensor<4x2xf32>
          return %4 : tensor<4x2xf32>

      """
    #expect(text.contains(lines), "\(text)")
  }

  private func expectWellFormed(_ text: String) {
    let names = ModuleNames(text)
    #expect(names.areLegal && names.undefined.isEmpty, "\(names.undefined) in \(text)")
    #expect(Set(names.defined).count == names.defined.count, "\(text)")
  }
}
