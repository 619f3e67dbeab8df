import BoundAlgebra
import Enclosure
import TensorGraph
import Testing

private let a = BoundExpr.norm(NormSymbol("a"))
private let b = BoundExpr.norm(NormSymbol("b"))
private let two = BoundExpr.constant(.rational(2, 1))
private let rootTwo = BoundExpr.constant(.squareRoot(2, 1))

@Suite struct BoundExprTests {
  @Test(arguments: [
    (BoundExpr.product([a, .one, .product([b, rootTwo])]), "σ(a)·σ(b)·√2"),
    (.product([a, a, two, a]), "2·σ(a)³"),
    (.product([rootTwo, a, rootTwo]), "2·σ(a)"),
    (.product([a, .zero, b]), "0"),
    (.product([]), "1"),
    (.sum([]), "0"),
    (.sum([a, .sum([b, .one]), .one]), "σ(a) + σ(b) + 2"),
    (.product([.sum([a, .one]), b]), "(σ(a) + 1)·σ(b)"),
    (.product([.sum([a, .one]), .sum([a, .one])]), "(σ(a) + 1)²"),
    (.rootSumSquares([a, .rootSumSquares([b, .one]), .one]), "√(σ(a)² + σ(b)² + (√2)²)"),
    (.rootSumSquares([a, a]), "σ(a)·√2"),
    (.rootSumSquares([two, .constant(.rational(3, 2))]), "5/2"),
    (.minimum([a, .unbounded(.init("why")), b, a]), "min(σ(a), σ(b))"),
    (.minimum([two, .one, a]), "min(σ(a), 1)"),
    (.gradientStep(.product([a, b])), "max(1, 2·(σ(a)·σ(b))² − 1)"),
    (.product([two, .gradientStep(.constant(.squareRoot(1, 2)))]), "2"),
    (.gradientStep(.constant(.rational(3, 2))), "max(1, 2·(3/2)² − 1)"),
    (.sum([a, .unbounded(.init("why"))]), "∞"),
    (.constant(.rational(6, 4)), "3/2"),
    (.constant(.squareRoot(8, 1)), "2·√2"),
    (.constant(.squareRoot(9, 4)), "3/2"),
  ])
  func simplifies(_ expression: BoundExpr, to text: String) {
    let simple = expression.simplified()
    #expect(simple.description == text)
    #expect(simple.simplified() == simple)
  }

  @Test func keepsConstantsApartThatWouldOverflow() {
    let huge = BoundExpr.constant(.rational(.max, 1))
    let product = BoundExpr.product([huge, huge]).simplified()
    #expect(product.evaluate { _ in .one }.value >= 8.5e37)
    #expect(BoundExpr.sum([huge, huge]).simplified().evaluate { _ in .one }.value >= 1.8e19)
  }

  @Test func printsLatex() {
    let expression = BoundExpr.product([.norm(NormSymbol("conv2d_1")), rootTwo])
    #expect(expression.latex == "\\sigma(\\mathrm{conv2d\\_1})\\,\\sqrt{2}")
  }

  @Test func findsSymbolsAndCauses() {
    let open = BoundExpr.unbounded(.init("why"))
    #expect(BoundExpr.sum([a, .product([b, a])]).symbols.map(\.name) == ["a", "b"])
    #expect(BoundExpr.sum([open, open]).unboundedCauses.map(\.reason) == ["why"])
    #expect(BoundExpr.minimum([open, a]).unboundedCauses.isEmpty)
  }

  @Test(arguments: 0..<40)
  func simplificationKeepsTheValue(_ seed: Int) {
    var source = ExpressionSource(seed: UInt64(seed))
    let expression = source.expression(depth: 4)
    let simple = expression.simplified()
    let (upper, lower) = bounds(expression)
    let (simpleUpper, simpleLower) = bounds(simple)
    #expect(simpleLower.value <= upper.value)
    #expect(lower.value <= simpleUpper.value)
    #expect(simpleUpper.value <= lower.value * (1 + 1e-12))
  }

  @Test(arguments: 0..<40)
  func evaluationEnclosesTheValue(_ seed: Int) {
    var source = ExpressionSource(seed: UInt64(seed) + 1000)
    let expression = source.expression(depth: 4)
    let (upper, lower) = bounds(expression)
    #expect(lower.value <= upper.value)
    #expect(upper.value <= lower.value * (1 + 1e-12))
  }

  /// The constant of I − 2·MᵀSM, whose eigenvalues are 1 − 2s²: 1 up to norm 1, and 2‖M‖² − 1 from there on.
  @Test(arguments: [(0, 1.0), (0.5, 1), (1, 1), (1.5, 3.5), (3, 17)])
  func aGradientStepIsAtMostItsLargestEigenvalue(_ norm: Double, _ wanted: Double) {
    let expression = BoundExpr.gradientStep(a)
    #expect(expression.evaluate { _ in UpperBound(proven: norm) }.value == wanted)
    #expect(expression.evaluateLower { _ in LowerBound(proven: norm) }.value == wanted)
    #expect(expression.evaluate { _ in .infinity } == .infinity)
  }

  @Test func deepExpressionsNeedNoStack() {
    var nested = a
    for index in 0..<5_001 {
      nested = index.isMultiple(of: 2) ? .sum([nested, .one]) : .product([nested, b])
    }
    #expect(nested.evaluate { _ in .zero }.value == 1)
    #expect(nested.simplified().symbols.count == 2)
    let chain = BoundExpr.product(Array(repeating: a, count: 20_000))
    #expect(chain.simplified().description == "σ(a)²⁰⁰⁰⁰")
    #expect(chain.evaluate { _ in .one }.value == 1)
  }

  @Test func lowersToAScalar() {
    let builder = GraphBuilder("bound")
    let x = builder.input("x", [])
    let expression = BoundExpr.minimum([.rootSumSquares([a, .one]), .product([a, two])])
    let value = expression.lower(into: builder) { _ in x }
    #expect(value.type == .scalar)
    let open = BoundExpr.unbounded(.init("why")).lower(into: builder) { _ in x }
    #expect(builder.graph[open.value].operation == .splat(.infinity))
  }

  @Test func unboundedIsInfinite() {
    #expect(BoundExpr.unbounded(.init("why")).evaluate { _ in .one } == .infinity)
    #expect(BoundExpr.product([.zero, a]).evaluate { _ in .infinity } == .infinity)
    #expect(BoundExpr.rootSumSquares([a, .one]).evaluate { _ in .infinity } == .infinity)
    #expect(BoundExpr.rootSumSquares([.zero, .zero]).evaluate { _ in .one } == .zero)
    #expect(
      BoundExpr.rootSumSquares([a, a]).evaluate { _ in UpperBound(proven: 1e200) }.value < 1.5e200)
  }
}

private func bounds(_ expression: BoundExpr) -> (UpperBound, LowerBound) {
  let values = ["a": 1.25, "b": 0.3, "c": 7.1]
  return (
    expression.evaluate { UpperBound(proven: values[$0.name] ?? 1) },
    expression.evaluateLower { LowerBound(proven: values[$0.name] ?? 1) }
  )
}

/// Seeded random expressions.
private struct ExpressionSource {
  let seed: UInt64
  var index: UInt64 = 0

  init(seed: UInt64) { self.seed = seed }

  mutating func below(_ count: Int) -> Int {
    index += 1
    return Int(CounterRandom.bits(stream: seed, counter: 0, index: index) % UInt64(count))
  }

  mutating func expression(depth: Int) -> BoundExpr {
    let choice = below(depth == 0 ? 4 : 9)
    switch choice {
    case 0: return .norm(NormSymbol(["a", "b", "c"][below(3)]))
    case 1: return .constant(.rational(below(5), 1 + below(4)))
    case 2: return .constant(.squareRoot(below(20), 1 + below(9)))
    case 3:
      return .constant(.enclosed("k", lower: .init(proven: 1.5), upper: .init(proven: 1.5)))
    case 4: return .sum(list(depth))
    case 5: return .product(list(depth))
    case 6: return .rootSumSquares(list(depth))
    case 7: return .gradientStep(expression(depth: depth - 1))
    default: return .minimum(list(depth))
    }
  }

  private mutating func list(_ depth: Int) -> [BoundExpr] {
    (0..<(1 + below(3))).map { _ in expression(depth: depth - 1) }
  }
}
