import Enclosure
import TensorGraph
import Testing

@testable import RoundingAnalysis

/// Execution in float64 stays within its errors, which are of the right size.
@Suite struct DoubleExecutionTests {
  /// The half of the last place of 1 in float64.
  static let half = 0x1p-53

  private func errors(
    _ x: [Float], _ format: ExecutedFormat, weights: [Float] = [], _ body: (Tensor) -> Tensor
  ) -> (executed: [Double], analyzed: AnalyzedOutput) {
    let builder = GraphBuilder("double")
    builder.output("y", body(builder.input("x", [1, x.count])))
    let graph = builder.graph
    let execution = DoubleExecution(graph, fed: "x", output: "y") { _ in weights }
    let evaluator = RoundingEvaluator(graph, fed: "x", output: "y", format: format) { _ in weights }
    return (execution.execute([x[...]])[0], evaluator.evaluate([x[...]], radii: [.zero])[0])
  }

  /// Half of the error would be too small.
  @Test func errorsAreReached() {
    let (executed, analyzed) = errors([1], .binary64) { $0 + Self.half }
    #expect(executed == [1])
    #expect(analyzed.error[0].value >= Self.half && analyzed.error[0].value < 1.01 * Self.half)
  }

  /// The unit of float64 would be too small for execution in float32, which loses 2⁻²⁴ here.
  @Test func errorsOfTheOtherFormatAreTooSmall() {
    for (format, isEnough) in [(ExecutedFormat.binary32, true), (.binary64, false)] {
      let analyzed = errors([1], format) { $0 + 0x1p-24 }.analyzed
      #expect((analyzed.error[0].value >= 0x1p-24) == isEnough)
    }
  }

  /// a + b as a sum and its error (Knuth).
  private static func twoSum(_ a: Double, _ b: Double) -> (Double, Double) {
    let sum = a + b
    let part = sum - a
    return (sum, (a - (sum - part)) + (b - part))
  }

  /// Σ wx to about 100 bits.
  private static func dot(_ w: [Double], _ x: [(Double, Double)]) -> (Double, Double) {
    var (high, low) = (0.0, 0.0)
    for (w, x) in zip(w, x) {
      let product = w * x.0
      let error = (-product).addingProduct(w, x.0)
      let (sum, rest) = twoSum(high, product)
      high = sum
      low += rest + error + w * x.1
    }
    return twoSum(high, low)
  }

  /// A network of two dense layers and a rectifier, executed with twice the digits.
  @Test(arguments: 0..<20 as Range<UInt64>) func networksStayWithinTheErrors(seed: UInt64) {
    let (inputs, hidden) = (60, 50)
    func numbers(_ count: Int, _ name: String) -> [Float] {
      let stream = CounterRandom.stream(seed: seed, name)
      return (0..<count).map {
        Float(CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) * 2 - 1)
      }
    }
    let (x, w) = (numbers(inputs, "x"), numbers(inputs * hidden, "w"))
    let (executed, analyzed) = errors(x, .binary64, weights: w) { x in
      let w = x.builder.input("w", [inputs, hidden], isPersistent: true)
      return max(x.dot(w), 0).dot(w, transposeRight: true)
    }
    let rows = (0..<inputs).map { i in (0..<hidden).map { Double(w[i * hidden + $0]) } }
    let first = (0..<hidden).map { j in
      let sum = Self.dot((0..<inputs).map { rows[$0][j] }, x.map { (Double($0), 0) })
      return sum.0 > 0 ? sum : (0, 0)
    }
    var worst = 0.0
    for i in 0..<inputs {
      let exact = Self.dot(rows[i], first)
      let off = abs(executed[i] - exact.0 - exact.1)
      worst = max(worst, off / analyzed.error[i].value)
      #expect(analyzed.lower[i] <= exact.0.nextUp && exact.0.nextDown <= analyzed.upper[i])
    }
    #expect(worst <= 1 && worst > 1e-3)
  }

  /// The result for a sample does not depend on those beside it.
  @Test func samplesAreExecutedAlone() {
    let builder = GraphBuilder("lanes")
    let x = builder.input("x", [1, 3])
    builder.output("y", exp((x * x).sum()) / 3)
    let execution = DoubleExecution(builder.graph, fed: "x", output: "y") { _ in [] }
    let samples = (0..<40).map { i in [Float(i) * 0.03, 0.1, -0.2][...] }
    let together = execution.execute(samples)
    #expect(together == samples.map { execution.execute([$0])[0] })
    let exact = evaluate(builder.graph, inputs: ["x": samples[7].map(Double.init)])["y"]
    #expect(abs(together[7][0] - exact![0]) <= 1e-15)
  }
}
