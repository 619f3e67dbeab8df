import TensorGraph

/// The order of execution: kernels one by one, elementwise nodes gathered into regions.
///
/// Nodes run in the graph's order, except that elementwise nodes of the same index space join the
/// open region as soon as their operands are available, and that a persistent input is overwritten
/// only after its other readers, so that the update can be in place.
struct Schedule {
  /// A kernel, or a fused region of nodes in order with the sums over their results.
  enum Unit {
    case kernel(Int)
    case region([Int], sums: [Int])
  }

  private(set) var units: [Unit] = []
  private let roles: NodeRoles
  private var isDone: [Bool]
  private var awaited: [Int: [Int]]
  private var membersByDomain: [NodeRoles.Domain: [Int]] = [:]

  /// Orders the live nodes.
  init(_ roles: NodeRoles) {
    self.roles = roles
    isDone = Array(repeating: false, count: roles.graph.nodes.count)
    awaited = Self.readersBeforeUpdates(roles)
    let paired = Set(roles.biasGradient.values)
    var waiting = roles.graph.nodes.indices.filter { index in
      if paired.contains(index) || roles.isDeferred[index] { return false }
      switch roles.roles[index] {
      case .elementwise, .kernel: return roles.isLive[index]
      case .source, .alias, .view: return false
      }
    }
    for index in waiting.reversed() where roles.roles[index] == .elementwise {
      membersByDomain[roles.domain(Value(index)), default: []].append(index)
    }
    for key in membersByDomain.keys { membersByDomain[key]?.reverse() }
    while !waiting.isEmpty {
      let before = units.count
      for index in waiting where !isDone[index] && needs(index, in: []) != nil { emit(index) }
      waiting.removeAll { isDone[$0] }
      if units.count == before { awaited = [:] }
    }
  }

  private mutating func emit(_ index: Int) {
    if roles.roles[index] == .kernel {
      units.append(.kernel(index))
      isDone[index] = true
      if let sum = roles.biasGradient[index] { isDone[sum] = true }
      return
    }
    let domain = roles.domain(Value(index))
    let candidates = membersByDomain[domain, default: []]
    var members = needs(index, in: [])! + [index]
    var region = Set(members)
    var touched = neighbors(index)
    for candidate in candidates where candidate > index && !isDone[candidate] {
      guard !region.contains(candidate), !roles.isDeferred[candidate],
        joins(candidate, domain, touched), let needed = needs(candidate, in: region)
      else { continue }
      members += needed + [candidate]
      region.formUnion(needed + [candidate])
      touched.formUnion(neighbors(candidate))
    }
    let sums = members.flatMap { roles.sums[$0, default: []] }
    for node in members + sums { isDone[node] = true }
    membersByDomain[domain]?.removeAll { isDone[$0] }
    units.append(.region(members, sums: sums))
  }

  /// Small nodes join any region; large ones only where they share an operand, so that they do not
  /// occupy memory long before they are needed.
  private func joins(
    _ candidate: Int, _ domain: NodeRoles.Domain, _ touched: Set<Value>
  ) -> Bool {
    roles.graph.nodes[candidate].type.count <= 4096
      || !touched.isDisjoint(with: neighbors(candidate))
  }

  private func neighbors(_ index: Int) -> Set<Value> {
    var result: Set<Value> = [Value(index)]
    for operand in roles.graph.nodes[index].operands where roles.number(operand) == nil {
      result.insert(operand)
      if let root = roles.root(of: operand), !root.isBoundary { result.insert(Value(root.node)) }
    }
    return result
  }

  /// The nodes that must join a region before a node can; nil if the node is not ready.
  private func needs(_ index: Int, in region: Set<Int>) -> [Int]? {
    var needed: [Int] = []
    for operand in roles.graph.nodes[index].operands {
      guard let root = roles.root(of: operand), !isDone[root.node] else { continue }
      let isFolded = !root.isBoundary && !isOuterProduct(index)
      if region.contains(root.node) || needed.contains(root.node) {
        if !isFolded { return nil }
      } else if isFolded, roles.roles[root.node] == .elementwise,
        let more = needs(root.node, in: region)
      {
        for node in more + [root.node] where !needed.contains(node) { needed.append(node) }
      } else {
        return nil
      }
    }
    let isWaited = awaited[index, default: []].contains {
      !isDone[$0] && !region.contains($0) && !needed.contains($0)
    }
    return isWaited ? nil : needed
  }

  /// A product with inner extent 1 reads its operands through strides.
  private func isOuterProduct(_ index: Int) -> Bool {
    if case .dot = roles.graph.nodes[index].operation { return true }
    return false
  }

  /// For the node that computes each persistent input's next value: the other readers of that
  /// input, unless one of them needs the next value itself.
  private static func readersBeforeUpdates(_ roles: NodeRoles) -> [Int: [Int]] {
    let graph = roles.graph
    var result: [Int: [Int]] = [:]
    for input in graph.inputs where input.isPersistent {
      guard let output = graph.outputs.first(where: { $0.name == input.name }),
        let update = roles.root(of: output.value)?.node
      else { continue }
      let readers = roles.users[input.value.index].filter { $0 >= 0 && $0 != update }
      let depends = descendants(of: update, roles)
      if readers.contains(where: { depends[$0] }) { continue }
      result[update, default: []] += readers
    }
    return result
  }

  private static func descendants(of node: Int, _ roles: NodeRoles) -> [Bool] {
    var depends = Array(repeating: false, count: roles.graph.nodes.count)
    depends[node] = true
    for index in node + 1..<max(node + 1, depends.count) {
      depends[index] = roles.graph.nodes[index].operands.contains { depends[$0.index] }
    }
    return depends
  }
}
