import TensorGraph

extension Graph {
  /// Takes the mask of a rectifier from its result instead of its argument: `x > 0` becomes
  /// `max(x, 0) > 0`, the same for every x, so that x need not be kept for the backward pass.
  func withMasksOfRectified() -> Graph {
    var graph = self
    var rectified: [Value: Value] = [:]
    for (index, node) in nodes.enumerated() {
      switch node.operation {
      case .binary(.maximum):
        let (a, b) = (node.operands[0], node.operands[1])
        if isZero(b) {
          rectified[a] = Value(index)
        } else if isZero(a) {
          rectified[b] = Value(index)
        }
      case .compare(.greater):
        guard isZero(node.operands[1]), let result = rectified[node.operands[0]] else { continue }
        graph.nodes[index] = Node(node.operation, [result, node.operands[1]], node.type)
      default: continue
      }
    }
    return graph
  }

  private func isZero(_ value: Value) -> Bool {
    switch self[value].operation {
    case .splat(let number): number == 0
    case .broadcast: isZero(self[value].operands[0])
    default: false
    }
  }
}
