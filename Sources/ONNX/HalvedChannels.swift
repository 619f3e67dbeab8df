/// MaxMin as exporters write it: two halves of the channels, the larger and the smaller of each pair, joined.
///
/// Halves are made by Split or Slice, or by a Reshape before ReduceMax and ReduceMin. Nothing else reads them.
extension NetworkImport {
  /// What halves may be used for, in messages.
  static let halvesRule =
    "lmtc reads halves of the channels only to join the larger and the smaller of each pair, in this order"

  /// The values of a node that splits an activation or compares its halves; nil for other nodes.
  func halves(_ node: ONNXNode) throws(Fault) -> [ImportedValue]? {
    switch (node.operation, value(node, 0)) {
    case ("Split", .activation(let whole)):
      try requireHalves(node, of: whole)
      return [.half(whole, isSecond: false), .half(whole, isSecond: true)]
    case ("Slice", .activation(let whole)):
      return [.half(whole, isSecond: try isSecondHalf(node, of: whole))]
    case ("Max", .half(let whole, let isSecond)), ("Min", .half(let whole, let isSecond)):
      guard case .half(let other, !isSecond) = value(node, 1), node.inputs.count == 2,
        other.isSame(as: whole)
      else { throw Fault(Self.halvesRule) }
      return [.extremes(whole, isSmaller: node.operation == "Min")]
    case ("ReduceMax", .activation(let pairs)), ("ReduceMin", .activation(let pairs)):
      return [.extremes(try whole(of: pairs, node), isSmaller: node.operation == "ReduceMin")]
    default:
      return nil
    }
  }

  /// The layer of a node that joins the larger and the smaller elements; nil where it joins other values.
  mutating func joinedHalves(_ node: ONNXNode) throws(Fault) -> Activation? {
    guard case .extremes(let whole, isSmaller: false) = value(node, 0) else { return nil }
    guard node.inputs.count == 2, case .extremes(let other, isSmaller: true) = value(node, 1),
      other.isSame(as: whole), isChannels(node.integer("axis", default: 1), of: whole)
    else { throw Fault(Self.halvesRule) }
    let input = try inOrder(whole)
    return try append("max_min", of: [input], named: hint(node), result: input.made)
  }

  private func requireHalves(_ node: ONNXNode, of whole: Activation) throws(Fault) {
    let sizes = try integers(node, "split", operand: 1)
    guard isChannels(node.integer("axis", default: 0), of: whole), node.outputs.count == 2,
      let channels = whole.shape.first, channels % 2 == 0,
      sizes ?? [channels / 2, channels / 2] == [channels / 2, channels / 2]
    else { throw Fault(Self.halvesRule) }
  }

  /// Which half a Slice takes.
  private func isSecondHalf(_ node: ONNXNode, of whole: Activation) throws(Fault) -> Bool {
    guard let start = try integers(node, "starts", operand: 1),
      let end = try integers(node, "ends", operand: 2),
      let axes = try integers(node, "axes", operand: 3), start.count == 1, end.count == 1,
      axes.count == 1, isChannels(axes[0], of: whole),
      try integers(node, "steps", operand: 4) ?? [1] == [1],
      let channels = whole.shape.first, channels % 2 == 0
    else { throw Fault(Self.halvesRule) }
    if start[0] == 0, end[0] == channels / 2 { return false }
    guard start[0] == channels / 2, end[0] >= channels else { throw Fault(Self.halvesRule) }
    return true
  }

  /// The activation whose halves a reduction over its first extent, 2, compares.
  private func whole(of pairs: Activation, _ node: ONNXNode) throws(Fault) -> Activation {
    let axes = try integers(node, "axes", operand: 1) ?? []
    guard pairs.shape.count > 1, pairs.shape[0] == 2, axes.count == 1,
      isChannels(axes[0], of: pairs), node.integer("keepdims", default: 1) == 0
    else { throw Fault(Self.halvesRule) }
    return pairs.viewed(as: [2 * pairs.shape[1]] + pairs.shape.dropFirst(2))
  }

  /// Whether an axis of a batch is the first one of its samples.
  private func isChannels(_ axis: Int, of value: Activation) -> Bool {
    axis == 1 || axis == -value.shape.count
  }
}

extension Activation {
  /// Whether both are the same elements in the same order.
  fileprivate func isSame(as other: Activation) -> Bool {
    layer == other.layer && shape == other.shape && places == other.places
  }
}
