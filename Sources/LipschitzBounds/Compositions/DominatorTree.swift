import BoundAlgebra
import ModelIR

/// The dominator tree of an acyclic graph, with bounds from the input to each node as products along it.
///
/// Position 0 is the input. A node d dominates v if every path from the input to v passes through d.
/// The factor of v is a bound on the map from its immediate dominator d to v, so L(v) = L(d) · factor(v).
/// For u below d, the bound from d to u is the product of the factors in between.
struct DominatorTree {
  /// A factor of more terms counts as unbounded: without series-parallel structure the number of terms
  /// can grow exponentially.
  static let largestFactor = 1 << 16
  /// Products are nested in chunks of this many factors, so that long chains share their first parts.
  private static let chunk = 64

  /// L(v) by position.
  private(set) var fromInput: [BoundExpr] = [.one]
  private var dominator = [0]
  private var depth = [0]
  private var factors: [BoundExpr] = [.one]
  private var sizes = [1]

  /// Appends the next node, whose operands have been appended before.
  mutating func append(_ layer: LayerBound, own: BoundExpr, operands: [Int]) {
    precondition(!operands.isEmpty, "a layer needs an operand")
    let top = operands.dropFirst().reduce(operands[0]) { commonDominator($0, $1) }
    var size = 1
    let factor: BoundExpr
    switch layer {
    case .addition:
      factor = .sum(operands.map { path(from: top, to: $0, &size) })
    case .concatenation:
      factor = .rootSumSquares(operands.map { path(from: top, to: $0, &size) })
    case .linear, .elementwise, .constant, .comparisons, .unbounded:
      precondition(operands.count == 1, "a layer of several inputs must add or concatenate")
      factor = own
    }
    let isTooLarge = size > Self.largestFactor
    dominator.append(top)
    depth.append(depth[top] + 1)
    sizes.append(isTooLarge ? 1 : size)
    factors.append(isTooLarge ? Self.tooLarge : factor.simplified())
    fromInput.append(Self.product(fromInput[top], factors[factors.count - 1]))
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

  /// The product of the factors from a dominator to a node below it; adds its size to `size`.
  private func path(from top: Int, to node: Int, _ size: inout Int) -> BoundExpr {
    var path: [BoundExpr] = []
    var position = node
    while position != top, size <= Self.largestFactor {
      path.append(factors[position])
      size += sizes[position]
      position = dominator[position]
    }
    return .product(path.reversed())
  }

  private static func product(_ prefix: BoundExpr, _ factor: BoundExpr) -> BoundExpr {
    if factor == .one { return prefix }
    if prefix == .one { return factor }
    if case .product(let factors) = prefix, factors.count < chunk {
      return .product(factors + [factor])
    }
    return .product([prefix, factor])
  }
}
