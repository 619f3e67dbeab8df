import BoundAlgebra
import ModelIR

/// How the bound of a node is composed from bounds of earlier ones.
public enum Composition: String, Sendable, CaseIterable {
  /// Through each layer its constant, sums at additions, roots of sums of squares at concatenations.
  case product
  /// Maximal linear regions as one operator each.
  case regions
  /// Activations split into their middle line and a remainder (LipLT).
  case liplt
  /// A chain of dense layers by quadratic constraints (ECLipsE-Fast).
  case eclipse
}

/// The sums that may bound the nodes of a network, beside the product rule: what ``ComposedBounds``
/// evaluates and chooses from.
///
/// An anchor is a node whose bound others are multiplied by: what a nonlinear layer, an addition or a
/// concatenation is applied to, and the output. Each of its snapshots is one stopping set of
/// ``PathExpansion``, and by itself a valid bound.
public struct CompositionPlan: Sendable {
  /// Π factors · ‖map‖ · L(source).
  public struct Term: Hashable, Sendable {
    /// ρ_a and the middle slopes of what lies between.
    public let factors: [BoundConstant]
    /// The map, without numbers in front.
    public let map: LinearMaps.ID
    /// A position: 0 for the input, then the nodes in order.
    public let source: Int
  }

  /// One sum.
  public struct Snapshot: Hashable, Sendable {
    /// What kind of stopping set it comes from.
    public let composition: Composition
    /// Its terms.
    public let terms: [Term]
    /// The positions that were replaced one after the other, linear nodes but for those.
    public let expanded: [Int]
  }

  /// A node and the sums that bound it.
  public struct Anchor: Sendable {
    /// 0 for the input, then the nodes in order.
    public let position: Int
    /// Sums in the order of how far they look back.
    public let snapshots: [Snapshot]
    /// The dense layers that end here with only monotone activations between them, if two or more.
    let chain: DenseChain?
  }

  /// The composed operators.
  public private(set) var maps = LinearMaps()
  /// The anchors in order.
  public private(set) var anchors: [Anchor] = []
  /// What operators are called in expressions.
  public private(set) var names: [LinearMaps.ID: String] = [:]
  private var takenNames: Set<String> = []

  /// Additions, concatenations and activations that one expansion may pass.
  private static let reach = 16
  /// Operators of at most this many layers are named by them, others by where they begin and end.
  private static let namedLayers = 4

  /// Plans a network; O(nodes · reach²).
  init(_ model: Model, layers: [LayerBound]) {
    var positions: Set<Int> = [model.output.position]
    for (node, layer) in zip(model.nodes, layers) {
      if case .linear = layer { continue }
      positions.formUnion(node.operands.map(\.position))
    }
    for position in positions.sorted() where position > 0 {
      switch layers[position - 1] {
      case .linear, .addition, .concatenation:
        let snapshots = self.snapshots(of: position, model, layers)
        let chain = DenseChain(endingAt: position, model, layers)
        if !snapshots.isEmpty || chain != nil {
          anchors.append(Anchor(position: position, snapshots: snapshots, chain: chain))
        }
      case .elementwise, .constant, .unbounded:
        continue
      }
    }
  }

  private mutating func snapshots(
    of position: Int, _ model: Model, _ layers: [LayerBound]
  ) -> [Snapshot] {
    var found: [Snapshot] = []
    for passesActivations in [false, true] {
      var expanded: [Int] = []
      var expansion = PathExpansion(of: position, in: model, layers: layers, &maps)
      for step in 0...Self.reach {
        let isLipLT = !expansion.remainders.isEmpty
        let snapshot = Snapshot(
          composition: isLipLT ? .liplt : .regions, terms: terms(of: expansion),
          expanded: expanded)
        if !found.contains(where: { $0.terms == snapshot.terms }), !isProduct(snapshot) {
          found.append(snapshot)
          name(snapshot, position, model)
        }
        guard step < Self.reach,
          let next = expansion.next(throughActivations: passesActivations)
        else { break }
        expansion.expand(next, &maps)
        expanded.append(next)
      }
    }
    return found
  }

  private func terms(of expansion: PathExpansion) -> [Term] {
    let rest = expansion.frontier.sorted { $0.key < $1.key }
    return expansion.remainders.map { term([$0.radius], $0.map, $0.source) }
      + rest.map { term([], $0.value, $0.key) }
  }

  private func term(_ factors: [BoundConstant], _ map: LinearMaps.ID, _ source: Int) -> Term {
    var (factors, map) = (factors, map)
    while case .scaled(let number, let inner) = maps[map] {
      factors.append(.magnitude(number.magnitude))
      map = inner
    }
    return Term(factors: factors, map: map, source: source)
  }

  /// Whether the product rule says the same: one term through at most one layer.
  private func isProduct(_ snapshot: Snapshot) -> Bool {
    snapshot.terms.count == 1 && maps.isSingle(snapshot.terms[0].map)
  }

  private mutating func name(_ snapshot: Snapshot, _ position: Int, _ model: Model) {
    for term in snapshot.terms where names[term.map] == nil {
      let name = name(term, position, model)
      names[term.map] = name
      takenNames.insert(name)
    }
  }

  private func name(_ term: Term, _ position: Int, _ model: Model) -> String {
    if maps.size(term.map) <= Self.namedLayers { return maps.text(term.map) }
    var name = "\(Self.name(of: term.source, model))→\(Self.name(of: position, model))"
    while takenNames.contains(name) { name += "′" }
    return name
  }

  /// A position's name: `input` or the layer's.
  static func name(of position: Int, _ model: Model) -> String {
    position == 0 ? "input" : model.nodes[position - 1].name
  }
}

extension ModelBounds {
  /// The layers that a composed operator is made of; for a name that no operator has, that layer.
  public func layers(named name: String) -> Set<String> {
    guard let map = plan.names.first(where: { $0.value == name })?.key else { return [name] }
    return Set(plan.maps.layers(of: map).map(\.name))
  }

  /// Maximal runs of two or more linear layers with one argument, and what each is called.
  public var regions: [(name: String, layers: [LinearOperator])] {
    var seen: Set<LinearMaps.ID> = []
    return plan.anchors.compactMap { anchor in
      guard let term = anchor.snapshots.first?.terms.first,
        anchor.snapshots[0].composition == .regions, anchor.snapshots[0].terms.count == 1,
        !plan.maps.isSingle(term.map), seen.insert(term.map).inserted,
        let name = plan.names[term.map]
      else { return nil }
      return (name, plan.maps.layers(of: term.map))
    }
  }
}

extension CompositionPlan {
  /// The bound that a snapshot states, symbolically; of a difference of two outputs, if asked for.
  public func expression(
    _ snapshot: Snapshot, of model: Model, isDifference: Bool = false
  ) -> BoundExpr {
    let terms = snapshot.terms.map { term in
      var factors = term.factors.map { BoundExpr.constant($0) }
      let name = names[term.map] ?? maps.text(term.map)
      if isDifference {
        factors.append(.norm(NormSymbol(rowsOf: name)))
      } else if maps.size(term.map) > 0 {
        factors.append(.norm(NormSymbol(name)))
      }
      if term.source > 0 {
        factors.append(.norm(NormSymbol(pathTo: Self.name(of: term.source, model))))
      }
      return BoundExpr.product(factors)
    }
    return BoundExpr.sum(terms).simplified()
  }
}
