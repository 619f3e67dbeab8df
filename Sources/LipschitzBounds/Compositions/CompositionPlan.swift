import BoundAlgebra
import ModelIR

/// The sums that may bound the nodes of a network, in addition to the product rule.
///
/// ``ComposedBounds`` evaluates them and chooses the least.
///
/// The planned nodes are the output and those to which a nonlinear layer, an addition or a concatenation is
/// applied, since other bounds are multiples of theirs. Each sum comes from one stopping set of
/// ``PathExpansion`` and is a valid bound by itself.
public struct CompositionPlan: Sendable {
  /// Π factors · ‖map‖ · L(source).
  public struct Term: Hashable, Sendable {
    /// ρ_a, and the middle slopes of the activations in between.
    public let factors: [BoundConstant]
    /// The map, without scalar factors.
    public let map: LinearMaps.ID
    /// A position: 0 for the input, then the nodes in order.
    public let source: Int
  }

  /// A sum of terms that bounds a node.
  public struct Sum: Hashable, Sendable {
    /// What kind of stopping set it comes from.
    public let composition: Composition
    /// The terms.
    public let terms: [Term]
    /// The positions that were replaced, in order; linear nodes are not listed.
    public let expanded: [Int]
    /// All positions that were replaced, linear nodes included.
    let replaced: Set<Int>
  }

  /// A node and the sums that bound it.
  public struct PlannedNode: Sendable {
    /// 0 for the input, then the nodes in order.
    public let position: Int
    /// Sums that reach further back come later.
    public let sums: [Sum]
    /// Two or more dense layers that end here, with only monotone activations between them.
    public let chain: DenseChain?
    /// Parts of the network that end here, in which every neuron gets a multiplier, from later sources to earlier
    /// ones: one that takes few operations, the same with the convolutions before it, and the largest if it goes further.
    let regions: [NeuronRegion]
  }

  /// The composed operators.
  public private(set) var maps = LinearMaps()
  /// The planned nodes, in order of position.
  public private(set) var nodes: [PlannedNode] = []
  /// The names of operators in expressions.
  public private(set) var names: [LinearMaps.ID: String] = [:]
  private var takenNames: Set<String> = []

  /// The most additions, concatenations and activations that one expansion replaces.
  private static let reach = 16
  /// Operators of at most this many layers are named after them, others after their two ends.
  private static let namedLayers = 4

  /// Plans a network; O(nodes · reach²).
  init(_ model: Model, layers: [LayerBound]) {
    var positions: Set<Int> = [model.output.position]
    for (node, layer) in zip(model.nodes, layers) {
      if case .linear = layer { continue }
      positions.formUnion(node.operands.map(\.position))
    }
    let regions = Self.regions(endingAt: positions, model, layers)
    for position in positions.sorted() where position > 0 {
      switch layers[position - 1] {
      case .linear, .addition, .concatenation:
        let sums = self.sums(of: position, model, layers)
        let chain = DenseChain(endingAt: position, model, layers)
        let regions = regions[position] ?? []
        if !sums.isEmpty || chain != nil || !regions.isEmpty {
          nodes.append(
            PlannedNode(
              position: position, sums: sums, chain: chain, regions: regions))
        }
      case .elementwise, .constant, .comparisons, .unbounded:
        continue
      }
    }
  }

  /// Parts of the network in which neurons get multipliers, the last first; of those that take few operations none
  /// is inside another.
  private static func regions(
    endingAt positions: Set<Int>, _ model: Model, _ layers: [LayerBound]
  ) -> [Int: [NeuronRegion]] {
    var found: [Int: [NeuronRegion]] = [:]
    var covered: Set<Int> = []
    for position in positions.sorted(by: >) where position > 0 && !covered.contains(position) {
      let parts = NeuronRegion.parts(endingAt: position, model, layers)
      guard let region = parts.first else { continue }
      let front = region.withFront(model, layers)
      // What reaches no further than the convolutions do takes long for little.
      let larger = parts.dropFirst().filter { $0.source < front?.source ?? .max }
      found[position] = [region] + [front].compactMap(\.self) + larger
      covered.formUnion(region.positions)
    }
    return found
  }

  private mutating func sums(
    of position: Int, _ model: Model, _ layers: [LayerBound]
  ) -> [Sum] {
    var found: [Sum] = []
    for passesActivations in [false, true] {
      var expanded: [Int] = []
      var expansion = PathExpansion(of: position, in: model, layers: layers, &maps)
      for step in 0...Self.reach {
        let isLipLT = !expansion.remainders.isEmpty
        let sum = Sum(
          composition: isLipLT ? .liplt : .regions, terms: terms(of: expansion),
          expanded: expanded, replaced: expansion.replaced)
        if !found.contains(where: { $0.terms == sum.terms }), !isProduct(sum) {
          found.append(sum)
          name(sum, position, model)
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

  /// Whether it is the product rule's bound: one term with at most one layer.
  private func isProduct(_ sum: Sum) -> Bool {
    sum.terms.count == 1 && maps.isSingle(sum.terms[0].map)
  }

  private mutating func name(_ sum: Sum, _ position: Int, _ model: Model) {
    for term in sum.terms where names[term.map] == nil {
      let name = name(term, position, model)
      names[term.map] = name
      takenNames.insert(name)
    }
  }

  private func name(_ term: Term, _ position: Int, _ model: Model) -> String {
    if maps.isSingle(term.map) { return maps.text(term.map) }
    var name =
      maps.size(term.map) <= Self.namedLayers
      ? maps.text(term.map)
      : "\(Self.name(of: term.source, model))→\(Self.name(of: position, model))"
    while takenNames.contains(name) { name += "′" }
    return name
  }

  /// `input` or the layer's name.
  static func name(of position: Int, _ model: Model) -> String {
    position == 0 ? "input" : model.nodes[position - 1].name
  }
}

extension ModelBounds {
  /// The layers of a composed operator or a chain; if none has the name, the layer of that name.
  public func layers(named name: String) -> Set<String> {
    if let chain = plan.nodes.lazy.compactMap(\.chain).first(where: { $0.name == name }) {
      return Set(chain.layers.map(\.name))
    }
    if let region = plan.nodes.lazy.flatMap(\.regions).first(where: { $0.name == name }) {
      return Set(region.layers)
    }
    guard let map = plan.names.first(where: { $0.value == name })?.key else { return [name] }
    return Set(plan.maps.layers(of: map).map(\.name))
  }

  /// Maximal linear regions of two or more layers with one argument: their names, and their bounds by
  /// the norms of the layers one by one.
  public var regions: [(name: String, layerByLayer: BoundExpr)] {
    var seen: Set<LinearMaps.ID> = []
    return plan.nodes.compactMap { node in
      guard let term = node.sums.first?.terms.first,
        node.sums[0].composition == .regions, node.sums[0].terms.count == 1,
        !plan.maps.isSingle(term.map), seen.insert(term.map).inserted,
        let name = plan.names[term.map]
      else { return nil }
      return (name, plan.layerByLayer(term.map))
    }
  }
}
