import TensorGraph

// Loops over the axes of results.
extension CProgram {
  /// A nest of loops over axes, with a statement inside; counters are i0, i1, ….
  func nest(_ extents: [Int], from first: Int = 0, _ statements: [String]) -> [String] {
    var lines: [String] = []
    for (axis, extent) in extents.enumerated() {
      let counter = "i\(first + axis)"
      lines.append(
        String(repeating: "  ", count: axis)
          + "for (long \(counter) = 0; \(counter) < \(extent); \(counter)++) {")
    }
    let indent = String(repeating: "  ", count: extents.count)
    lines += statements.map { indent + $0 }
    for axis in extents.indices.reversed() {
      lines.append(String(repeating: "  ", count: axis) + "}")
    }
    return lines
  }

  /// The place of an element in row-major order.
  func place(_ shape: [Int], _ counters: [String]) -> String {
    var terms: [String] = []
    var stride = 1
    for (extent, counter) in zip(shape, counters).reversed() {
      terms.append(stride == 1 ? counter : "\(counter) * \(stride)")
      stride *= extent
    }
    return terms.isEmpty ? "0" : terms.reversed().joined(separator: " + ")
  }

  func counters(_ count: Int, from first: Int = 0) -> [String] {
    (0..<count).map { "i\(first + $0)" }
  }

  mutating func movement(_ node: Node, _ operands: [Int], result: String) {
    let (source, target) = (graph.nodes[operands[0]].type.shape, node.type.shape)
    let own = counters(target.count)
    switch node.operation {
    case .broadcast(let axes):
      assign(result, target, from: operands[0], place(source, axes.map { own[$0] }))
    case .transpose(let order):
      var from = own
      for (axis, old) in order.enumerated() { from[old] = own[axis] }
      assign(result, target, from: operands[0], place(source, from))
    case .slice(let starts, _, let strides):
      let from = own.indices.map { "(\(starts[$0]) + \(own[$0]) * \(strides[$0]))" }
      assign(result, target, from: operands[0], place(source, from))
    case .pad(let low, _, let interior):
      emit(["for (long i = 0; i < \(node.type.count); i++) \(result)[i] = \(literal(0));"])
      let to = source.indices.map { "(\(low[$0]) + i\($0) * \(interior[$0] + 1))" }
      let from = element(operands[0], place(source, counters(source.count)))
      emit(nest(source, ["\(result)[\(place(target, to))] = \(from);"]))
    case .concatenate(let axis): concatenate(operands, axis, target, result)
    case .reduce(let reduction, let axes): reduce(reduction, axes, operands[0], node.type, result)
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .reshape, .dot,
      .convolution, .convolutionInputGradient, .convolutionFilterGradient, .sumPool,
      .sumPoolGradient, .maxPoolSelect, .maxPoolScatter, .random, .stopGradient, .withDerivative,
      .cholesky, .triangularSolve:
      preconditionFailure("no movement of elements")
    }
  }

  private mutating func assign(
    _ result: String, _ target: [Int], from operand: Int, _ place: String
  ) {
    let to = self.place(target, counters(target.count))
    emit(nest(target, ["\(result)[\(to)] = \(element(operand, place));"]))
  }

  private mutating func concatenate(
    _ operands: [Int], _ axis: Int, _ target: [Int], _ result: String
  ) {
    var start = 0
    for operand in operands {
      let shape = graph.nodes[operand].type.shape
      let own = counters(shape.count)
      var to = own
      to[axis] = "(\(start) + \(own[axis]))"
      let from = element(operand, place(shape, own))
      emit(nest(shape, ["\(result)[\(place(target, to))] = \(from);"]))
      start += shape[axis]
    }
  }

  private mutating func reduce(
    _ reduction: Operation.Reduction, _ axes: [Int], _ operand: Int, _ type: TensorType,
    _ result: String
  ) {
    let shape = graph.nodes[operand].type.shape
    let kept = shape.indices.filter { !axes.contains($0) }
    let to = "\(result)[\(place(type.shape, kept.map { "i\($0)" }))]"
    let from = element(operand, place(shape, counters(shape.count)))
    switch reduction {
    case .sum:
      emit(["for (long i = 0; i < \(type.count); i++) \(result)[i] = \(literal(0));"])
      emit(nest(shape, ["\(to) += \(from);"]))
    case .maximum:
      emit(["for (long i = 0; i < \(type.count); i++) \(result)[i] = -INFINITY;"])
      emit(nest(shape, ["if (\(from) > \(to)) \(to) = \(from);"]))
    }
  }
}

// Sums of products, and windows.
extension CProgram {
  mutating func product(_ node: Node, _ operands: [Int], result: String) throws(Fault) {
    switch node.operation {
    case .dot(let left, let right): dot(left, right, operands, node.type.shape, result)
    case .convolution(let window): convolution(window, operands, node.type.shape, result)
    case .convolutionInputGradient(let window): adjoint(window, operands, node.type, result)
    case .sumPool(let window):
      pool(window, operands[0], node.type.shape, result, start: literal(0)) { "sum += \($0);" }
    case .maxPoolSelect(let window):
      guard operands[0] == operands[1] else {
        throw Fault(reason: "a selection by the maxima of other values is in the network")
      }
      pool(window, operands[0], node.type.shape, result, start: "-INFINITY") {
        "if (\($0) > sum) sum = \($0);"
      }
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .broadcast, .reshape,
      .transpose, .reduce, .slice, .pad, .concatenate, .convolutionFilterGradient,
      .sumPoolGradient, .maxPoolScatter, .random, .stopGradient, .withDerivative,
      .cholesky, .triangularSolve:
      preconditionFailure("no product")
    }
  }

  private mutating func dot(
    _ left: Bool, _ right: Bool, _ operands: [Int], _ target: [Int], _ result: String
  ) {
    let shapes = operands.map { graph.nodes[$0].type.shape }
    let inner = shapes[0][left ? 0 : 1]
    let a = element(operands[0], place(shapes[0], left ? ["k", "i0"] : ["i0", "k"]))
    let b = element(operands[1], place(shapes[1], right ? ["i1", "k"] : ["k", "i1"]))
    emit(
      nest(
        target,
        [
          "\(real) sum = \(literal(0));", "for (long k = 0; k < \(inner); k++) sum += \(a) * \(b);",
          "\(result)[\(place(target, ["i0", "i1"]))] = sum;",
        ]))
  }

  /// Counters: i0 sample, i1 filter, i2 and i3 place; i4 channel of the group, i5 and i6 tap.
  private mutating func convolution(
    _ window: ConvolutionWindow, _ operands: [Int], _ target: [Int], _ result: String
  ) {
    let (source, filter) = (
      graph.nodes[operands[0]].type.shape, graph.nodes[operands[1]].type.shape
    )
    let channel =
      window.groups == 1 ? "i4" : "(i1 / \(filter[0] / window.groups) * \(filter[1]) + i4)"
    let x = element(operands[0], place(source, ["i0", channel, "y", "x"]))
    let w = element(operands[1], place(filter, ["i1", "i4", "i5", "i6"]))
    let taps = nest(
      Array(filter.dropFirst()), from: 4,
      Self.position(window, "i2", "i3") + [
        "if (y >= 0 && y < \(source[2]) && x >= 0 && x < \(source[3])) sum += \(w) * \(x);"
      ])
    let to = place(target, counters(4))
    emit(nest(target, ["\(real) sum = \(literal(0));"] + taps + ["\(result)[\(to)] = sum;"]))
  }

  /// The row y and the column x of a tap.
  private static func position(_ window: ConvolutionWindow, _ row: String, _ column: String)
    -> [String]
  {
    [("y", row, "i5", 0), ("x", column, "i6", 1)].map { name, counter, tap, axis in
      "const long \(name) = \(counter) * \(window.strides[axis]) + \(tap) * \(window.dilations[axis])"
        + " - \(window.paddingLow[axis]);"
    }
  }

  /// Adds each element of the operand to the places that its window covers.
  private mutating func adjoint(
    _ window: ConvolutionWindow, _ operands: [Int], _ type: TensorType, _ result: String
  ) {
    let (source, filter) = (
      graph.nodes[operands[0]].type.shape, graph.nodes[operands[1]].type.shape
    )
    emit(["for (long i = 0; i < \(type.count); i++) \(result)[i] = \(literal(0));"])
    let channel =
      window.groups == 1 ? "i4" : "(i1 / \(filter[0] / window.groups) * \(filter[1]) + i4)"
    let to = "\(result)[\(place(type.shape, ["i0", channel, "y", "x"]))]"
    let w = element(operands[1], place(filter, ["i1", "i4", "i5", "i6"]))
    let x = element(operands[0], place(source, counters(4)))
    emit(
      nest(
        source,
        nest(
          Array(filter.dropFirst()), from: 4,
          Self.position(window, "i2", "i3") + [
            "if (y >= 0 && y < \(type.shape[2]) && x >= 0 && x < \(type.shape[3])) \(to) += \(w) * \(x);"
          ])))
  }

  private mutating func pool(
    _ window: PoolWindow, _ operand: Int, _ target: [Int], _ result: String, start: String,
    _ step: (String) -> String
  ) {
    let source = graph.nodes[operand].type.shape
    let steps = ConvolutionWindow(
      kernel: window.kernel, strides: window.strides, paddingLow: window.paddingLow,
      paddingHigh: window.paddingHigh)
    let from = element(operand, place(source, ["i0", "i1", "y", "x"]))
    let taps = nest(
      window.kernel, from: 5,
      Self.position(steps, "i2", "i3") + [
        "if (y >= 0 && y < \(source[2]) && x >= 0 && x < \(source[3])) { \(step(from)) }"
      ])
    emit(
      nest(
        target,
        ["\(real) sum = \(start);"] + taps + ["\(result)[\(place(target, counters(4)))] = sum;"]))
  }
}
