import GraphTestSupport
import TensorGraph
import Testing

@testable import RoundingAnalysis

/// Enclosures contain the exact value and are narrow.
@Suite struct EnclosingEvaluatorTests {
  static let predictionCases = OperationCase.all.filter { item in
    switch item.operation {
    case .convolutionFilterGradient, .sumPoolGradient, .maxPoolScatter,
      .random, .cholesky, .triangularSolve, .input:
      false
    case .maxPoolSelect:
      false
    default:
      // Only one factor of a product may depend on the sample: the first operand.
      true
    }
  }

  @Test(arguments: predictionCases)
  func everyPredictionOperationHoldsTheReference(_ item: OperationCase) {
    for seed in 0..<5 as Range<UInt64> {
      let inputs = item.inputs(seed: seed)
      let expected = evaluate(item.graph, inputs: inputs)["y"]!
      let evaluator = EnclosingEvaluator(item.graph, fed: "x0") { name in
        inputs[name]!.map { Float($0) }
      }
      let samples: [ArraySlice<Float>] = [(inputs["x0"] ?? []).map { Float($0) }[...]]
      let (lower, upper) = evaluator.enclose(samples, output: "y")[0]
      for (index, value) in expected.enumerated() {
        // The reference rounds too: its value may be outside the interval by its own error.
        let slack = 1e-13 * max(1, abs(value))
        #expect(lower[index] <= value + slack && value - slack <= upper[index])
        #expect(upper[index] - lower[index] <= 1e-10 * max(1, abs(value)))
      }
    }
  }

  /// A dense chain whose exact value is computed in 80-bit arithmetic, which holds the products of
  /// float32 numbers exactly.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func theExactProductLiesInside(seed: UInt64) {
    let (rows, columns) = (3, 200)
    let builder = GraphBuilder("dense")
    let x = builder.input("x", [1, columns])
    let weight = builder.input("w", [rows, columns], isPersistent: true)
    builder.output("y", x.dot(weight, transposeRight: true))
    let stream = CounterRandom.stream(seed: seed, "dense")
    func draw(_ counter: UInt64, _ count: Int) -> [Float] {
      (0..<count).map { index in
        let uniform = CounterRandom.uniform(
          stream: stream, counter: counter, index: UInt64(index))
        // Magnitudes from 1e-8 to 1e8, so that sums cancel.
        let exponent =
          CounterRandom.bits(
            stream: stream, counter: counter + 10, index: UInt64(index)) % 54
        return Float(uniform - 0.5)
          * Float(sign: .plus, exponent: Int(exponent) - 27, significand: 1)
      }
    }
    let (input, weights) = (draw(0, columns), draw(1, rows * columns))
    let evaluator = EnclosingEvaluator(builder.graph, fed: "x") { _ in weights }
    let (lower, upper) = evaluator.enclose([input[...]], output: "y")[0]
    for row in 0..<rows {
      var exact: Float80 = 0
      for k in 0..<columns { exact += Float80(input[k]) * Float80(weights[row * columns + k]) }
      #expect(Float80(lower[row]) <= exact && exact <= Float80(upper[row]))
    }
  }

  @Test func lanesAreIndependent() {
    let builder = GraphBuilder("square")
    let x = builder.input("x", [1, 2])
    builder.output("y", x * x)
    let evaluator = EnclosingEvaluator(builder.graph, fed: "x") { _ in [] }
    let results = evaluator.enclose([[1, 2], [3, 4], [5, 6]], output: "y")
    #expect(results.map { $0.upper[0].rounded() } == [1, 9, 25])
    #expect(results.map { $0.lower[1].rounded() } == [4, 16, 36])
  }

  @Test func overflowAndNaNAreNeverFinite() {
    let builder = GraphBuilder("overflow")
    let x = builder.input("x", [1, 1])
    builder.output("y", exp(x * 1e10))
    let evaluator = EnclosingEvaluator(builder.graph, fed: "x") { _ in [] }
    let results = evaluator.enclose([[1], [.nan]], output: "y")
    #expect(results[0].upper[0] == .infinity)
    #expect(!results[1].upper[0].isFinite)
  }

  @Test func anUndecidedBranchTakesTheHull() {
    let mask = IntervalTensor(TensorType([1]), lanes: 1, exactly: [0])
    var undecided = mask
    undecided.upper[0] = 1
    let a = IntervalTensor(TensorType([1]), lanes: 1, exactly: [5])
    let b = IntervalTensor(TensorType([1]), lanes: 1, exactly: [-2])
    let result = ElementwiseEnclosure.select(undecided, a, b)
    #expect(result.lower == [-2] && result.upper == [5])
  }

  @Test func maxPoolingCoversEveryCandidate() {
    let builder = GraphBuilder("pool")
    let x = builder.input("x", [1, 1, 2, 2])
    builder.output("y", x.maxPool(PoolWindow(kernel: [2, 2], strides: [2, 2])))
    let evaluator = EnclosingEvaluator(builder.graph, fed: "x") { _ in [] }
    let (lower, upper) = evaluator.enclose([[1, 4, 2, 3]], output: "y")[0]
    #expect(lower == [4] && upper == [4])
  }

  /// Products of 1e308 whose partial sums overflow upward although the exact sum is −1e308.
  @Test func anOverflowedSumIsUnknown() {
    let builder = GraphBuilder("overflow")
    let x = builder.input("x", [1, 5])
    builder.output("y", x.dot(builder.input("w", [5, 1], isPersistent: true)))
    let node = builder.graph.nodes[builder.graph.outputs[0].value.index]
    let result = EnclosingEvaluator.evaluate(
      node,
      [
        IntervalTensor(TensorType([1, 5]), lanes: 1, exactly: Array(repeating: 1e308, count: 5)),
        IntervalTensor(TensorType([5, 1]), lanes: 1, exactly: [1, 1, -1, -1, -1]),
      ])
    #expect(!result.lower[0].isFinite && !result.upper[0].isFinite)
  }

  @Test(arguments: Operation.Comparison.allCases)
  func comparingAnUnknownIsUndecided(_ relation: Operation.Comparison) {
    let one = IntervalTensor(TensorType([1]), lanes: 1, exactly: [1])
    var unknown = one
    unknown.upper[0] = .nan
    let mask = ElementwiseEnclosure.compare(relation, unknown, one)
    #expect(mask.lower == [0] && mask.upper == [1])
  }

  @Test(arguments: [Operation.Unary.sign, .sqrt, .abs, .exp, .tanh])
  func anUnknownArgumentStaysUnknown(_ function: Operation.Unary) {
    let unknown = IntervalTensor(TensorType([1]), lanes: 1, exactly: [.nan])
    let result = ElementwiseEnclosure.unary(function, unknown)
    #expect(result.lower[0].isNaN && result.upper[0].isNaN)
  }
}
