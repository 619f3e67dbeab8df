import Enclosure

/// Where rounding errors of layers go: on to the layer that alone reads them, as long as that works element by
/// element, and from there to the logits by the Lipschitz constant of the rest of the network.
///
/// Positions are those of values: layers that copy stand for their operand.
struct ErrorPaths: Sendable {
  /// Bounds the change of each difference of two logits with a position's value, all other values that do
  /// not depend on it being the same: row-major.
  struct Launch: Sendable {
    let position: Int
    let constants: [UpperBound]
  }

  /// For each position, the one whose value it has.
  let values: [Int]
  /// The position of the logits.
  let output: Int
  /// The positions whose errors a layer carries on, by the layer's position.
  private let carried: [Set<Int>]
  private let lastReaders: [Int: [Int]]
  /// The positions from which errors go to the logits by a constant: all, since even of those that a layer carries on
  /// a part may be bounded in norm alone.
  let launches: [Launch]
  private let carriedOn: Set<Int>

  /// - Parameter isHeadLinear: whether the last layer multiplies its operand's errors by known rows.
  init(_ network: Network, _ bounds: BoundCheck, isHeadLinear: Bool) {
    let values = Self.values(network)
    let output = values[network.nodes.count]
    var reads = Array(repeating: 0, count: network.nodes.count + 1)
    reads[output] = 1
    var carried = Array(repeating: Set<Int>(), count: network.nodes.count + 1)
    var last: [Int: Int] = [:]
    for (index, node) in network.nodes.enumerated() where values[index + 1] == index + 1 {
      for operand in node.operands {
        reads[values[operand]] += 1
        last[values[operand]] = index + 1
      }
    }
    lastReaders = Dictionary(grouping: last.keys.sorted()) { last[$0] ?? 0 }
    for (index, node) in network.nodes.enumerated()
    where values[index + 1] == index + 1
      && (node.isCarrying || (isHeadLinear && index + 1 == output))
    {
      carried[index + 1] = Set(node.operands.map { values[$0] }.filter { reads[$0] == 1 })
    }
    (self.values, self.output, self.carried) = (values, output, carried)
    carriedOn = carried.reduce(Set()) { $0.union($1) }
    let positions = (1..<output).filter { values[$0] == $0 && reads[$0] > 0 }
    let root = UpperBound(proven: 2).squareRoot()
    let pairs = network.count(at: network.nodes.count) * network.count(at: network.nodes.count)
    launches = positions.map { position in
      let reach = Self.reach(from: position, network, bounds, values)
      let uniform = root * reach[output]
      var constants = Array(repeating: uniform, count: pairs)
      for difference in bounds.differences
      where !difference.replaced.contains(position) {
        for pair in constants.indices {
          let total = difference.parts.reduce(UpperBound.zero) {
            $0 + $1.distances[pair].proved.times(reach[$1.source])
          }
          constants[pair] = min(constants[pair], total)
        }
      }
      return Launch(position: position, constants: constants)
    }
  }

  /// Values that nobody reads after a layer.
  func finished(after layer: Int) -> [Int] { lastReaders[layer] ?? [] }

  /// Whether a layer carries the errors of an operand on.
  func carries(_ position: Int, to layer: Int) -> Bool { carried[layer].contains(position) }

  /// Whether some layer carries the errors of a position on.
  func isCarried(_ position: Int) -> Bool { carriedOn.contains(position) }

  private static func values(_ network: Network) -> [Int] {
    var values = [0]
    for (index, node) in network.nodes.enumerated() {
      let operand = values[node.operands[0]]
      if case .identity = node.form, operand > 0 {
        values.append(operand)
      } else {
        values.append(index + 1)
      }
    }
    return values
  }

  /// For each position, how much its value changes with that of one position, all others that do not depend on
  /// it being the same.
  ///
  /// It is 0 for those that do not depend on it, and otherwise the least that follows from the operands and from
  /// the sum or part of the certificate, unless that holds only for the layer's own value of the position.
  private static func reach(
    from start: Int, _ network: Network, _ bounds: BoundCheck, _ values: [Int]
  ) -> [UpperBound] {
    var reach = Array(repeating: UpperBound.zero, count: network.nodes.count + 1)
    for position in start..<reach.count {
      guard values[position] != start else {
        reach[position] = .one
        continue
      }
      guard position > 0 else { continue }
      let node = network.nodes[position - 1]
      let operands = node.operands.map { reach[$0] }
      let own = bounds.constants[position - 1].proved
      var least: UpperBound
      switch node.form {
      case .sum: least = operands.reduce(.zero, +)
      case .concatenation: least = operands.reduce(.zero) { $0 + $1 * $1 }.squareRoot()
      case .linear, .identity, .elementwise, .comparisons, .nonlinear, .nonlinearNorm,
        .gradientStep:
        least = own.times(operands[0])
      }
      switch bounds.compositions[position - 1] {
      case .operands: break
      case .sum(let terms, let replaced):
        guard !replaced.contains(start) else { break }
        least = min(
          least, terms.reduce(.zero) { $0 + $1.norm.proved.times(reach[$1.source]) })
      case .part(let norm, let source, let between):
        guard !between.contains(start) else { break }
        least = min(least, norm.proved.times(reach[source]))
      }
      reach[position] = least
    }
    return reach
  }
}

extension UpperBound {
  /// The product; nothing comes of a change of 0, whatever the constant.
  fileprivate func times(_ distance: UpperBound) -> UpperBound {
    distance == .zero ? .zero : self * distance
  }
}

extension Network.Node {
  /// Whether each element of the output depends on errors of the operands' elements in the same place alone.
  var isCarrying: Bool {
    if case .sum = form { return true }
    return layer.carriesErrors
  }
}
