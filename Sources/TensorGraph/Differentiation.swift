/// Reverse-mode differentiation: appends the nodes that compute derivatives to the same graph.
/// The rule of each operation is in `GradientRules.swift`.

extension Tensor {
  /// The derivatives of this scalar with respect to tensors it may depend on, each of that tensor's
  /// type.
  ///
  /// Cost: a small constant times the nodes between the tensors and the scalar.
  public func gradients(withRespectTo tensors: [Tensor]) -> [Tensor] {
    precondition(rank == 0, "gradients of \(type), which is not a scalar")
    return pullback(of: [(self, constant(1))], to: tensors)
  }
}

/// Σ (∂output/∂input)ᵀ · cotangent for each input: Jacobian-transposed products.
///
/// The pullback of a linear map is its adjoint. An input on which no output depends gets a constant
/// 0. An input may itself depend on another; each gets the derivative along every path.
///
/// - Parameters:
///   - outputs: tensors and cotangents of equal type; one that is listed twice counts twice.
///   - inputs: where to stop.
public func pullback(
  of outputs: [(tensor: Tensor, cotangent: Tensor)], to inputs: [Tensor]
) -> [Tensor] {
  for (tensor, cotangent) in outputs {
    precondition(
      tensor.type == cotangent.type,
      "cotangent of \(tensor.type) has type \(cotangent.type)")
  }
  guard let first = inputs.first else { return [] }
  var pass = ReversePass(first.builder.graph, from: inputs, to: outputs.map(\.tensor))
  for (tensor, cotangent) in outputs { pass.add(cotangent, to: tensor.value) }
  pass.run(first.builder)
  return inputs.map { pass[$0.value] ?? $0.constant(0) }
}

/// The cotangents of the nodes from the first input to the last output.
private struct ReversePass {
  private let range: Range<Int>
  private let nodes: [Node]
  /// Which nodes of the range depend differentiably on an input.
  private let isActive: [Bool]
  private var cotangents: [Tensor?]

  init(_ graph: Graph, from inputs: [Tensor], to outputs: [Tensor]) {
    let end = (outputs.map(\.value.index).max() ?? -1) + 1
    let start = inputs.map(\.value.index).min() ?? end
    range = start..<max(start, end)
    nodes = Array(graph.nodes[range])
    isActive = graph.dependents(of: inputs.map(\.value), in: range)
    cotangents = [Tensor?](repeating: nil, count: range.count)
  }

  subscript(value: Value) -> Tensor? {
    range.contains(value.index) ? cotangents[value.index - range.lowerBound] : nil
  }

  private func isActive(_ value: Value) -> Bool {
    range.contains(value.index) && isActive[value.index - range.lowerBound]
  }

  mutating func add(_ part: Tensor, to value: Value) {
    guard isActive(value) else { return }
    let place = value.index - range.lowerBound
    cotangents[place] = cotangents[place].map { $0 + part } ?? part
  }

  mutating func run(_ builder: GraphBuilder) {
    for index in range.reversed() {
      guard let dy = self[Value(index)] else { continue }
      let node = nodes[index - range.lowerBound]
      for (position, operand) in node.operands.enumerated()
      where isActive(operand) && node.operation.isDifferentiable(at: position) {
        add(node.cotangent(at: position, result: builder.tensor(Value(index)), dy), to: operand)
      }
    }
  }
}

extension Graph {
  /// Which nodes of a range depend differentiably on an input.
  fileprivate func dependents(of inputs: [Value], in range: Range<Int>) -> [Bool] {
    var isActive = [Bool](repeating: false, count: range.count)
    for input in inputs where range.contains(input.index) {
      isActive[input.index - range.lowerBound] = true
    }
    for index in range where !isActive[index - range.lowerBound] {
      let node = nodes[index]
      isActive[index - range.lowerBound] = node.operands.indices.contains { position in
        let operand = node.operands[position].index
        return operand >= range.lowerBound && isActive[operand - range.lowerBound]
          && node.operation.isDifferentiable(at: position)
      }
    }
    return isActive
  }
}
