import Enclosure
import TensorGraph
import Testing

@testable import CPUBackend
@testable import RoundingAnalysis

/// Graphs on which the engine's errors come close to what the analysis allows, so that rules made wrong
/// on purpose are caught.
struct WrongRoundingTests {
  /// What the engine computes for one output element, the middle of its enclosure, and the analysis.
  struct Outcome {
    let error: Double
    let analyzed: AnalyzedOutput
    var bound: Double { analyzed.error[0].value }
  }

  /// 2⁻²⁴: added to 1 in float32, nothing is left of it.
  static let half = Float(0x1p-24)

  func outcome(
    _ x: [Float], shape: [Int], at center: [Float]? = nil, radius: Double = 0,
    layers: ([Value]) -> [AnalyzedLayer] = { _ in [] }, rest: (any AnalyzedOutput.Rest)? = nil,
    _ body: (Tensor) -> [Tensor]
  ) throws -> Outcome {
    let builder = GraphBuilder("rounding")
    let values = body(builder.input("x", shape))
    builder.output("y", values[values.count - 1])
    let engine = try CPUBackend(threads: 1).compile(builder.graph)
    engine.write("x", HostTensor(shape, x))
    try engine.execute()
    let evaluator = RoundingEvaluator(
      builder.graph, fed: "x", output: "y", layers: layers([Value(0)] + values.map(\.value)),
      rest: rest
    ) { _ in [] }
    let exact = evaluator.evaluate([x[...]], radii: [.zero])[0]
    #expect(exact.upper[0] - exact.lower[0] <= 1e-11 * max(1, abs(exact.upper[0])))
    let analyzed = evaluator.evaluate(
      [(center ?? x)[...]], radii: [UpperBound(proven: radius)])[0]
    let found = Double(engine.read("y").elements[0])
    let error = max(exact.lower[0] - found, found - exact.upper[0], 0)
    #expect(error <= analyzed.error[0].value)
    return Outcome(error: error, analyzed: analyzed)
  }

  @Test func aHalvedErrorIsTooSmall() throws {
    let sum = try outcome([1], shape: [1]) { [$0 + Double(Self.half)] }
    #expect(sum.error > sum.bound / 2)
  }

  @Test func anErrorWithoutTheNumberOfTermsIsTooSmall() throws {
    // Past 16 every partial sum loses the last digits of the next term.
    let x = Array(repeating: Float(1 + 3 * 0x1p-23), count: 4096)
    let sum = try outcome(x, shape: [4096]) { [$0.sum()] }
    #expect(sum.error > sum.bound / 4096)
  }

  @Test func theLastOperationAloneIsTooLittle() throws {
    let difference = try outcome([1], shape: [1]) { x in
      let sum = x + Double(Self.half)
      return [sum - 1]
    }
    // Rounding 2⁻²⁴ itself would cost 2⁻⁴⁸.
    #expect(difference.error > 1e6 * 0x1p-48)
  }

  @Test func theErrorAtTheCenterIsTooSmallForTheBall() throws {
    func error(radius: Double) throws -> Outcome {
      try outcome([1], shape: [1], at: [0], radius: radius) {
        [$0 + Double(Self.half)]
      }
    }
    #expect(try error(radius: 1).error > 0x1p-25)
    let builder = GraphBuilder("center")
    let x = builder.input("x", [1])
    builder.output("y", x + Double(Self.half))
    let center = RoundingEvaluator(builder.graph, fed: "x", output: "y") { _ in [] }
      .evaluate([[0]], radii: [.zero])[0]
    #expect(center.error[0].value < 0x1p-40)
  }

  /// The first layer adds 2⁻²⁴ to 1 and loses it; the second takes 1 off, the third multiplies by 3: what
  /// they add themselves is next to nothing.
  @Test(arguments: [AnalyzedLayer.Propagation.lipschitz(.one), .elementwise(.one)], [false, true])
  func errorsOfEarlierLayersMustBePropagated(
    _ propagation: AnalyzedLayer.Propagation, isMatrix: Bool
  ) throws {
    let three = UpperBound(proven: 3)
    let last: AnalyzedLayer.Propagation = isMatrix ? .matrix([3], norm: three) : .elementwise(three)
    for rest in [nil, TripledRest()] {
      let outcome = try outcome(
        [1], shape: [1, 1],
        layers: { values in
          zip(1..., [propagation, propagation, last]).map { index, propagation in
            AnalyzedLayer(
              value: values[index], operands: [values[index - 1]], propagation: propagation,
              constant: three)
          }
        }, rest: rest,
        { x in
          let sum = x + Double(Self.half)
          let difference = sum - 1
          return [sum, difference, difference.dot(x.builder.constant(3, [1, 1]))]
        })
      // The constants of the graph lie between its values.
      #expect(outcome.error > 0.9 * outcome.bound)
    }
  }

  /// The last layer multiplies by 3 what either layer before it computes.
  private struct TripledRest: AnalyzedOutput.Rest {
    func constant(_ layer: Int, _ i: Int, _ j: Int?) -> UpperBound { UpperBound(proven: 3) }
  }

  /// The sum of numbers at the edge of a ball around 0, read by a layer that rounds nothing.
  @Test func aSumWithoutItsGrowthIsTooExact() throws {
    let x = Array(repeating: Float(1 + 3 * 0x1p-23), count: 4096)
    let norm = UpperBound(proven: 64)
    let sum = try outcome(
      x, shape: [1, 4096], at: Array(repeating: 0, count: 4096), radius: 64.01,
      layers: { values in
        zip([1, 2], [norm, .one]).map { index, constant in
          AnalyzedLayer(
            value: values[index], operands: [values[index - 1]],
            propagation: .lipschitz(constant), constant: norm)
        }
      }, rest: UnitRest()
    ) { x in
      let sum = x.dot(x.builder.constant(1, [4096, 1]))
      return [sum, -sum]
    }
    #expect(sum.error > sum.bound / 4096 && sum.error > 1e6 * sum.analyzed.own[0].value)
  }

  private struct UnitRest: AnalyzedOutput.Rest {
    func constant(_ layer: Int, _ i: Int, _ j: Int?) -> UpperBound { .one }
  }

  /// x − 2·Mᵀσ(M x + b) with M = [w, 1]: the rounding of w·x₀ is all that reaches the second element, which is next to
  /// 0 and rounds nothing itself.
  @Test func errorsInsideAStepReachItsOutput() throws {
    let x = Float(1 + 1_398_101 * 0x1p-23)
    let w = Float(1 + 3 * 0x1p-23)
    let exact = Double(w) * Double(x)
    let b = -Double(Float(exact)) + 0x1p-22
    let three = UpperBound(proven: 3.001)
    let step = try outcome(
      [0, x], shape: [1, 2],
      layers: { values in
        AnalyzedLayer.gradientStep(
          from: values[0], fromInput: .one, product: values[1], active: values[2],
          adjoint: values[3], to: values[4], constant: three, bound: three)
      }, rest: UnitRest()
    ) { x in
      let m = x.builder.literal([1, Double(w)], [1, 2])
      let product = x.dot(m, transposeRight: true) + b
      let active = max(product, 0)
      let adjoint = active.dot(m)
      return [product, active, adjoint, x - adjoint * 2]
    }
    #expect(step.error > 0x1p-26 && step.error > step.bound / 100)
    #expect(step.error > 1000 * step.analyzed.own[0].value)
  }

  /// Row 0 sees the first element alone and row 1 the second: their difference moves by both.
  @Test func aDifferenceMovesByWhatEitherRowReads() throws {
    let rows: [Float] = [1, 0, 0, -1]
    let (elementwise, euclidean) = ([0.25, 0.5], UpperBound(proven: 0.125))
    let output = AnalyzedOutput(
      lower: [0, 0], upper: [0, 0], own: [.zero, .zero],
      head: AnalyzedOutput.Head(rows: rows, carried: elementwise, euclidean: euclidean),
      propagated: .norm(.zero))
    #expect(output.error[0].value >= 0.25 + 0.125 && output.error[0].value < 0.376)
    let most = 0.75 + 0.125 * 2.0.squareRoot()
    let difference = output.differenceError(0, 1).value
    #expect(difference >= most && difference < most + 1e-9)
  }

  @Test func belowARectifiersZeroNoErrorIsPropagated() throws {
    func error(_ x: Float) -> Double {
      let builder = GraphBuilder("rectifier")
      let input = builder.input("x", [1])
      let sum = input + 0.1
      let output = max(sum, 0)
      builder.output("y", output)
      let layers = [(sum, input), (output, sum)].map {
        AnalyzedLayer(
          value: $0.0.value, operands: [$0.1.value], propagation: .elementwise(.one), constant: .one
        )
      }
      let evaluator = RoundingEvaluator(
        builder.graph, fed: "x", output: "y", layers: layers
      ) { _ in [] }
      return evaluator.evaluate([[x]], radii: [UpperBound(proven: 0.5)])[0].error[0].value
    }
    #expect(error(-1) < 0x1p-100)
    #expect(error(-0.5) > 0x1p-28)
  }

  /// Arguments at which the engine is farthest off, found by trying every float32 number.
  static let worst: [(Operation.Unary, Float)] = [
    (.exp, 15.596843), (.log, 2.8045027), (.log1p, 511.49112), (.tanh, 0.62830955),
    (.logistic, -5.8781614), (.erf, 0.97580475),
  ]

  @Test(arguments: worst)
  func noFunctionIsRoundedCorrectly(_ function: Operation.Unary, _ x: Float) throws {
    let value = try outcome([x], shape: [1]) { [$0.builder.apply(.unary(function), [$0])] }
    #expect(value.error > 1.3 * 0x1p-24 * abs(value.analyzed.lower[0]))
  }

  @Test(arguments: Operation.Unary.allCases)
  func everyFunctionIsAsAccurateAsCertificatesRequire(_ function: Operation.Unary) throws {
    // `lmtc-bench functions` tries all; a prime step reaches every exponent and both signs.
    let arguments = stride(from: UInt32(1), to: .max - 32771, by: 32771)
      .map { Float(bitPattern: $0) }
    let builder = GraphBuilder("function")
    let x = builder.input("x", [arguments.count])
    builder.output("y", builder.apply(.unary(function), [x]))
    let engine = try CPUBackend(threads: 2).compile(builder.graph)
    engine.write("x", HostTensor([arguments.count], arguments))
    try engine.execute()
    let wrong = zip(arguments, engine.read("y").elements).filter { argument, found in
      let exact = function.evaluate(Double(argument))
      guard argument.isFinite, abs(exact) < Double(Float.greatestFiniteMagnitude) else {
        return false
      }
      let allowed =
        ExecutedFormat.binary32.accuracy(of: function) * ExecutedFormat.binary32.unitRoundoff
        * abs(exact)
      return !(abs(Double(found) - exact) <= allowed + ExecutedFormat.binary32.smallestNormal)
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
  }
}
