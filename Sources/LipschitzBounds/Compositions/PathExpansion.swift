import BoundAlgebra
import ModelIR
import TensorGraph

/// A node of a network written as a sum over earlier nodes, by following linear paths backward:
/// v = Σ A_q q + Σ A_a ψ_a(z_a) + const, hence L(v) ≤ Σ ‖A_q‖ L(q) + Σ ρ_a ‖A_a‖ L(z_a).
///
/// Position 0 is the input, then follow the nodes in order. The frontier holds the q. A linear node is
/// replaced by its operand, an addition by its operands, and a concatenation by its operands, each padded
/// with zeros. An activation a is replaced by its linear part (`ActivationSplit`), which adds a remainder
/// ψ_a. The sum is valid after each replacement (Fazlyab et al. 2023 for chains; for graphs
/// `docs/soundness.md`).
struct PathExpansion {
  struct Remainder: Hashable, Sendable {
    /// ρ_a.
    let radius: BoundConstant
    /// A_a.
    let map: LinearMaps.ID
    /// The position of z_a.
    let source: Int
  }

  private let model: Model
  private let layers: [LayerBound]
  private(set) var frontier: [Int: LinearMaps.ID]
  private(set) var remainders: [Remainder] = []
  /// The positions that have been replaced.
  private(set) var replaced: Set<Int> = []

  /// Starts at a position and replaces linear nodes at once.
  init(of position: Int, in model: Model, layers: [LayerBound], _ maps: inout LinearMaps) {
    self.model = model
    self.layers = layers
    let shape = position == 0 ? model.inputShape : model.nodes[position - 1].outputShape
    frontier = [position: maps.identity(shape.reduce(1, *))]
    followLinearNodes(&maps)
  }

  /// The last position in the frontier that ``expand(_:_:)`` can replace.
  func next(throughActivations: Bool) -> Int? {
    frontier.keys.filter { position in
      guard position > 0 else { return false }
      switch layers[position - 1] {
      case .addition, .concatenation: return true
      case .elementwise(let slopes): return throughActivations && ActivationSplit(slopes) != nil
      case .linear, .constant, .comparisons, .unbounded: return false
      }
    }.max()
  }

  /// Replaces a position, and then the linear nodes before it.
  mutating func expand(_ position: Int, _ maps: inout LinearMaps) {
    guard let map = frontier.removeValue(forKey: position) else { return }
    replaced.insert(position)
    let node = model.nodes[position - 1]
    switch layers[position - 1] {
    case .addition:
      for operand in node.operands { add(map, at: operand.position, &maps) }
    case .concatenation:
      for (index, operand) in node.operands.enumerated() {
        let place = maps.layer(node.placement(of: index))
        add(maps.composition(map, place), at: operand.position, &maps)
      }
    case .elementwise(let slopes):
      guard let split = ActivationSplit(slopes) else {
        preconditionFailure("'\(node.name)' has no split")
      }
      let source = node.operands[0].position
      remainders.append(Remainder(radius: split.radius, map: map, source: source))
      add(maps.scaled(split.middle, map), at: source, &maps)
    case .linear, .constant, .comparisons, .unbounded:
      preconditionFailure("'\(node.name)' cannot be expanded")
    }
    followLinearNodes(&maps)
  }

  private mutating func add(_ map: LinearMaps.ID, at position: Int, _ maps: inout LinearMaps) {
    frontier[position] = frontier[position].map { maps.sum($0, map) } ?? map
  }

  /// Replaces linear nodes, the last first, so that the maps of paths that meet are added before the
  /// common part is followed.
  private mutating func followLinearNodes(_ maps: inout LinearMaps) {
    while let (position, layer) = lastLinear, let map = frontier.removeValue(forKey: position) {
      replaced.insert(position)
      let inner = maps.layer(layer)
      add(maps.composition(map, inner), at: model.nodes[position - 1].operands[0].position, &maps)
    }
  }

  private var lastLinear: (Int, LinearOperator)? {
    let candidates = frontier.keys.compactMap { position -> (Int, LinearOperator)? in
      guard position > 0, case .linear(let map) = layers[position - 1] else { return nil }
      return (position, map)
    }
    return candidates.max { $0.0 < $1.0 }
  }
}

extension Model.Node {
  /// The map of one input of a concatenation to its place in the output, with zeros elsewhere.
  func placement(of index: Int) -> LinearOperator {
    let shape = inputShapes[index]
    // Extents are positive, so only the axis of concatenation has another extent.
    guard let axis = shape.indices.first(where: { shape[$0] != outputShape[$0] }) else {
      preconditionFailure("'\(name)' has a single input")
    }
    var (low, high) = (shape.map { _ in 0 }, shape.map { _ in 0 })
    low[axis] = inputShapes[..<index].reduce(0) { $0 + $1[axis] }
    high[axis] = outputShape[axis] - low[axis] - shape[axis]
    return LinearOperator(
      name: "\(name)[\(index)]", form: .copy(CopyMap(shape, [.pad(low: low, high: high)])))
  }
}

extension Model.Node.Operand {
  /// 0 for the input, then the nodes in order.
  public var position: Int {
    switch self {
    case .input: 0
    case .node(let index): index + 1
    }
  }
}
