extension Model {
  /// A broken invariant and the node it lies at.
  public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Position in ``Model/nodes``; nil for the model as a whole.
    public let node: Int?
    /// The rule and what was found, one phrase.
    public let message: String
    /// The message after the place.
    public var description: String { node.map { "node \($0): \(message)" } ?? message }
  }

  /// What is wrong with the model; empty for one that later passes may rely on.
  ///
  /// Names are unique, operands come earlier, input shapes are those of the operands, output shapes and
  /// parameters those that the layers state, and every size is in ``ElementCount``'s range. O(nodes).
  public func verify() -> [Fault] {
    var faults: [Fault] = []
    if ElementCount.of(inputShape) == nil {
      faults.append(Fault(node: nil, message: "input shape \(inputShape) is out of range"))
    }
    if case .node(let index) = output, !nodes.indices.contains(index) {
      faults.append(Fault(node: nil, message: "the output must be a node, found \(index)"))
    }
    var names: Set<String> = []
    for (index, node) in nodes.enumerated() {
      if !names.insert(node.name).inserted {
        faults.append(Fault(node: index, message: "duplicate name '\(node.name)'"))
      }
      if let message = fault(of: node, at: index) {
        faults.append(Fault(node: index, message: message))
      }
    }
    return faults
  }

  private func fault(of node: Node, at index: Int) -> String? {
    for case .node(let operand) in node.operands where !(0..<index).contains(operand) {
      return "expected an earlier node as operand, found \(operand)"
    }
    let shapes = node.operands.map(shape)
    guard shapes == node.inputShapes else {
      return "input shapes must be \(shapes), found \(node.inputShapes)"
    }
    do {
      let shape = try node.layer.outputShape(of: shapes)
      guard shape == node.outputShape else {
        return "output shape must be \(shape), found \(node.outputShape)"
      }
    } catch {
      return error.message
    }
    guard ElementCount.of(node.outputShape) != nil else {
      return "output shape \(node.outputShape) is out of range"
    }
    return node.layer.parameters(for: shapes) == node.parameters
      ? nil : "parameters differ from those that the layer declares"
  }
}
