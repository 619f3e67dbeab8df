import TensorGraph

/// Linear maps composed of layers' operators, such as what a path through a network does to a sample.
///
/// Equal maps are kept once, so that a map shared by many paths costs no more than one.
public struct LinearMaps: Sendable {
  /// A reference to one map.
  public struct ID: Hashable, Sendable, Comparable {
    /// Position in the store; parts come before what they are part of.
    public let index: Int
    /// Earlier maps come first.
    public static func < (a: ID, b: ID) -> Bool { a.index < b.index }
  }

  /// How a map is made of others.
  public enum Node: Hashable, Sendable {
    /// The identity on so many elements.
    case identity(Int)
    /// One layer's operator.
    case layer(LinearOperator)
    /// `outer` after `inner`.
    case composition(outer: ID, inner: ID)
    /// The sum of maps between the same spaces.
    case sum([ID])
    /// A number times a map.
    case scaled(Double, ID)
  }

  private var nodes: [Node] = []
  private var ids: [Node: ID] = [:]
  private var counts: [(inputs: Int, outputs: Int)] = []
  private var sizes: [Int] = []

  /// No maps.
  public init() {}

  /// How a map is made.
  public subscript(id: ID) -> Node { nodes[id.index] }
  /// The elements of its argument.
  public func inputCount(_ id: ID) -> Int { counts[id.index].inputs }
  /// The elements of its image.
  public func outputCount(_ id: ID) -> Int { counts[id.index].outputs }
  /// The layers on all its paths, counted as often as they occur, at most 2³².
  public func size(_ id: ID) -> Int { sizes[id.index] }

  /// The identity on so many elements.
  public mutating func identity(_ count: Int) -> ID { intern(.identity(count), count, count, 0) }

  /// A layer's operator; one that moves nothing is the identity.
  public mutating func layer(_ map: LinearOperator) -> ID {
    let (inputs, outputs) = (map.inputShape.reduce(1, *), map.outputShape.reduce(1, *))
    if case .copy(let copy) = map.form, copy.keepsOrder { return identity(inputs) }
    return intern(.layer(map), inputs, outputs, 1)
  }

  /// `outer` after `inner`; numbers are drawn to the front.
  public mutating func composition(_ outer: ID, _ inner: ID) -> ID {
    precondition(inputCount(outer) == outputCount(inner), "the maps cannot be composed")
    if case .identity = self[outer] { return inner }
    if case .identity = self[inner] { return outer }
    if case .scaled(let factor, let map) = self[outer] {
      return scaled(factor, composition(map, inner))
    }
    if case .scaled(let factor, let map) = self[inner] {
      return scaled(factor, composition(outer, map))
    }
    return intern(
      .composition(outer: outer, inner: inner), inputCount(inner), outputCount(outer),
      size(outer) + size(inner))
  }

  /// The sum of two maps; M + M∘B becomes M∘(1 + B), so that what follows a skip occurs once.
  public mutating func sum(_ a: ID, _ b: ID) -> ID {
    precondition(counts[a.index] == counts[b.index], "maps between different spaces")
    for (whole, longer) in [(a, b), (b, a)] where size(whole) > 0 {
      var (factor, core) = (1.0, whole)
      if case .scaled(let number, let map) = self[whole] { (factor, core) = (number, map) }
      guard let rest = remainder(of: longer, after: core) else { continue }
      let branch = sum(scaled(factor, identity(inputCount(core))), rest)
      return composition(core, branch)
    }
    let terms = [a, b].flatMap { if case .sum(let terms) = self[$0] { terms } else { [$0] } }
    return intern(.sum(terms), inputCount(a), outputCount(a), size(a) + size(b))
  }

  /// B where the map is `outer`∘B.
  private mutating func remainder(of map: ID, after outer: ID) -> ID? {
    switch self[map] {
    case .composition(outer, let inner):
      return inner
    case .composition(let first, let inner):
      return remainder(of: first, after: outer).map { composition($0, inner) }
    case .scaled(let factor, let inner):
      return remainder(of: inner, after: outer).map { scaled(factor, $0) }
    case .identity, .layer, .sum:
      return nil
    }
  }

  /// factor · map; factors that are powers of two are joined exactly.
  public mutating func scaled(_ factor: Double, _ map: ID) -> ID {
    if factor == 1 { return map }
    if case .scaled(let other, let inner) = self[map], factor.significand == 1,
      (factor * other).isNormal
    {
      return scaled(factor * other, inner)
    }
    return intern(.scaled(factor, map), inputCount(map), outputCount(map), size(map))
  }

  private mutating func intern(_ node: Node, _ inputs: Int, _ outputs: Int, _ size: Int) -> ID {
    if let id = ids[node] { return id }
    let id = ID(index: nodes.count)
    nodes.append(node)
    counts.append((inputs, outputs))
    sizes.append(min(size, 1 << 32))
    ids[node] = id
    return id
  }
}

extension LinearMaps {
  /// The map's parts and itself, parts first.
  public func parts(of id: ID) -> [ID] {
    var seen: Set<ID> = [id]
    var pending = [id]
    while let next = pending.popLast() {
      for part in operands(of: next) where seen.insert(part).inserted { pending.append(part) }
    }
    return seen.sorted()
  }

  /// The maps that are composed, the outermost first; the map itself if it is not a composition.
  public func factors(of id: ID) -> [ID] {
    guard case .composition(let outer, let inner) = self[id] else { return [id] }
    return factors(of: outer) + factors(of: inner)
  }

  /// The direct parts.
  public func operands(of id: ID) -> [ID] {
    switch self[id] {
    case .identity, .layer: []
    case .composition(let outer, let inner): [outer, inner]
    case .sum(let terms): terms
    case .scaled(_, let map): [map]
    }
  }

  /// Whether the map is the identity or one layer's operator.
  public func isSingle(_ id: ID) -> Bool {
    switch self[id] {
    case .identity, .layer: true
    case .composition, .sum, .scaled: false
    }
  }

  /// The layers that occur, once each.
  public func layers(of id: ID) -> [LinearOperator] {
    parts(of: id).compactMap { if case .layer(let map) = self[$0] { map } else { nil } }
  }

  /// `dense_2∘dense_1`, `(conv2d_1 + 1)`, with the layers of every path.
  public func text(_ id: ID) -> String {
    switch self[id] {
    case .identity: return "1"
    case .layer(let map): return map.name
    case .composition(let outer, let inner): return text(outer) + "∘" + text(inner)
    case .sum(let terms): return "(" + terms.map(text).joined(separator: " + ") + ")"
    case .scaled(let factor, let map):
      if case .identity = self[map] { return "\(factor)" }
      return "\(factor)·" + text(map)
    }
  }

  /// The map of a batch x [N, …].
  ///
  /// - Parameter parameter: the tensor of a parameter or statistic, by full name.
  public func apply(_ id: ID, to x: Tensor, parameter: (String) -> Tensor) -> Tensor {
    let batch = x.shape[0]
    switch self[id] {
    case .identity(let count):
      return x.reshaped([batch, count])
    case .layer(let map):
      return map.apply(to: x, parameter: parameter).reshaped([batch, outputCount(id)])
    case .composition(let outer, let inner):
      let middle = apply(inner, to: x, parameter: parameter)
      return apply(outer, to: middle, parameter: parameter)
    case .sum(let terms):
      return terms.dropFirst().reduce(apply(terms[0], to: x, parameter: parameter)) {
        $0 + apply($1, to: x, parameter: parameter)
      }
    case .scaled(let factor, let map):
      return apply(map, to: x, parameter: parameter) * factor
    }
  }
}
