import BoundAlgebra
import ModelIR

/// The bounds from the input to each node of an acyclic graph, as products down its dominator tree.
///
/// Position 0 is the input. A node d dominates v if every path from the input to v passes through d.
/// The step of v is a bound on the map from its immediate dominator d to v, so that
/// L(v) = L(d) · step(v) and, for u below d, the bound from d to u is the product of the steps
/// between.
struct DominatedProducts {
  /// Steps beyond this many terms are given up: a graph without series-parallel structure can make
  /// them exponential.
  static let largestStep = 1 << 16
  /// Products are nested in chunks of this many factors, so that long chains share their beginnings.
  private static let chunk = 64

  /// L(v) by position.
  private(set) var fromInput: [BoundExpr] = [.one]
  private var dominator = [0]
  private var depth = [0]
  private var steps: [BoundExpr] = [.one]
  private var sizes = [1]

  /// Appends the next node, whose operands lie before it.
  mutating func append(_ layer: LayerBound, own: BoundExpr, operands: [Int]) {
    precondition(!operands.isEmpty, "a layer needs an operand")
    let top = operands.dropFirst().reduce(operands[0]) { commonDominator($0, $1) }
    var size = 1
    let step: BoundExpr
    switch layer {
    case .addition:
      step = .sum(operands.map { path(from: top, to: $0, &size) })
    case .concatenation:
      step = .rootSumSquares(operands.map { path(from: top, to: $0, &size) })
    case .linear, .elementwise, .constant, .unbounded:
      precondition(operands.count == 1, "a layer of several inputs must add or concatenate")
      step = own
    }
    let isTooLarge = size > Self.largestStep
    dominator.append(top)
    depth.append(depth[top] + 1)
    sizes.append(isTooLarge ? 1 : size)
    steps.append(isTooLarge ? Self.tooLarge : step.simplified())
    fromInput.append(Self.product(fromInput[top], steps[steps.count - 1]))
  }

  private static let tooLarge = BoundExpr.unbounded(
    .init("the branches meet in too many ways; nest 'residual' and 'parallel' instead of 'from'"))

  private func commonDominator(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while a != b {
      if depth[a] >= depth[b] { a = dominator[a] } else { b = dominator[b] }
    }
    return a
  }

  /// The product of the steps from a dominator to a node below it; adds its size.
  private func path(from top: Int, to node: Int, _ size: inout Int) -> BoundExpr {
    var factors: [BoundExpr] = []
    var position = node
    while position != top, size <= Self.largestStep {
      factors.append(steps[position])
      size += sizes[position]
      position = dominator[position]
    }
    return .product(factors.reversed())
  }

  private static func product(_ prefix: BoundExpr, _ step: BoundExpr) -> BoundExpr {
    if step == .one { return prefix }
    if prefix == .one { return step }
    if case .product(let factors) = prefix, factors.count < chunk {
      return .product(factors + [step])
    }
    return .product([prefix, step])
  }
}
