/// A broken invariant of a graph and its place.
public struct GraphFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// A part of a graph.
  public enum Place: Hashable, Sendable {
    /// Position in ``Graph/nodes``.
    case node(Int)
    /// Position in ``Graph/inputs``.
    case input(Int)
    /// Position in ``Graph/outputs``.
    case output(Int)
  }

  /// The part at fault.
  public let place: Place
  /// The rule and what was found, one phrase.
  public let message: String

  /// The message after the place.
  public var description: String {
    switch place {
    case .node(let index): "node %\(index): \(message)"
    case .input(let index): "input \(index): \(message)"
    case .output(let index): "output \(index): \(message)"
    }
  }
}

extension Graph {
  /// What is wrong with the graph, each fault once; empty for a sound graph.
  ///
  /// Operands come earlier, types follow from the operands' types, inputs and their nodes agree one
  /// to one, names are unique, an output with an input's name updates it: the input is persistent
  /// and of the same type. A later pass may rely on all of these. O(nodes).
  public func verify() -> [GraphFault] {
    nodeFaults() + inputFaults() + outputFaults()
  }

  private func nodeFaults() -> [GraphFault] {
    var faults: [GraphFault] = []
    for (index, node) in nodes.enumerated() {
      if let message = nodeFault(node, at: index) {
        faults.append(GraphFault(place: .node(index), message: message))
      }
    }
    return faults
  }

  private func nodeFault(_ node: Node, at index: Int) -> String? {
    if let operand = node.operands.first(where: { !(0..<index).contains($0.index) }) {
      return "operand %\(operand.index) does not come earlier"
    }
    if node.type.shape.contains(where: { $0 < 0 }) {
      return "type \(node.type) has a negative extent"
    }
    do {
      let type = try node.operation.resultType(
        of: node.operands.map { self[$0].type }, result: node.type)
      return type == node.type ? nil : "\(node.operation.name) gives \(type), not \(node.type)"
    } catch {
      return error.description
    }
  }

  private func inputFaults() -> [GraphFault] {
    var faults: [GraphFault] = []
    var names: Set<String> = []
    var declared: Set<Value> = []
    for (position, input) in inputs.enumerated() {
      let place = GraphFault.Place.input(position)
      if !names.insert(input.name).inserted {
        faults.append(GraphFault(place: place, message: "duplicate name '\(input.name)'"))
      }
      guard nodes.indices.contains(input.value.index),
        self[input.value].operation == .input(input.name)
      else {
        let message = "%\(input.value.index) is not the node of input '\(input.name)'"
        faults.append(GraphFault(place: place, message: message))
        continue
      }
      declared.insert(input.value)
    }
    for (index, node) in nodes.enumerated() {
      guard case .input(let name) = node.operation, !declared.contains(Value(index)) else {
        continue
      }
      faults.append(GraphFault(place: .node(index), message: "undeclared input '\(name)'"))
    }
    return faults
  }

  private func outputFaults() -> [GraphFault] {
    var faults: [GraphFault] = []
    var names: Set<String> = []
    let inputsByName = Dictionary(inputs.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
    for (position, output) in outputs.enumerated() {
      func fault(_ message: String) {
        faults.append(GraphFault(place: .output(position), message: message))
      }
      if !names.insert(output.name).inserted { fault("duplicate name '\(output.name)'") }
      guard nodes.indices.contains(output.value.index) else {
        fault("there is no %\(output.value.index)")
        continue
      }
      guard let input = inputsByName[output.name], nodes.indices.contains(input.value.index) else {
        continue
      }
      let (old, new) = (self[input.value].type, self[output.value].type)
      if !input.isPersistent {
        fault("'\(output.name)' has the name of an input that is not persistent")
      } else if old != new {
        fault("'\(output.name)' of type \(new) updates an input of type \(old)")
      }
    }
    return faults
  }
}
