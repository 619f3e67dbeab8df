import FileFormats

/// Operators that change extents or names and compute nothing, and constants.
extension NetworkImport {
  /// The result of a node that needs no layer; nil for any other.
  mutating func folded(_ node: ONNXNode) throws(Fault) -> ImportedValue? {
    switch node.operation {
    case "Constant":
      return .constant(try Self.constant(of: node))
    case "Shape":
      guard case .activation(let activation) = value(node, 0) else { return nil }
      let extents = [ImportedValue.batch] + activation.shape
      return .constant(ONNXConstant(shape: [extents.count], .integer(extents)))
    default:
      if case .constant(let first) = value(node, 0) { return try folded(node, first) }
      return try viewed(node).map(ImportedValue.activation)
    }
  }

  static func constant(of node: ONNXNode) throws(Fault) -> ONNXConstant {
    if case .constant(let constant) = node["value"] { return constant }
    if case .number(let number) = node["value_float"] {
      return ONNXConstant(shape: [], .real([number]))
    }
    if case .integer(let number) = node["value_int"] {
      return ONNXConstant(shape: [], .integer([number]))
    }
    if case .numbers(let numbers) = node["value_floats"] {
      return ONNXConstant(shape: [numbers.count], .real(numbers))
    }
    if case .integers(let numbers) = node["value_ints"] {
      return ONNXConstant(shape: [numbers.count], .integer(numbers))
    }
    throw Fault("its value has a type that lmtc does not read")
  }

  /// What exporters compute from constants: the extents of a reshape, transposed weights.
  private mutating func folded(_ node: ONNXNode, _ first: ONNXConstant) throws(Fault)
    -> ImportedValue?
  {
    switch node.operation {
    case "Identity", "Dropout":
      return .constant(first)
    case "Cast":
      return .constant(Self.cast(first, to: node.integer("to", default: 1)))
    case "Unsqueeze", "Squeeze", "Reshape":
      return .constant(try reshaped(first, node))
    case "Transpose":
      return .constant(first.transposed(node.integers("perm")))
    case "Sqrt", "Reciprocal", "Neg", "Add", "Sub", "Mul", "Div":
      return try Self.computed(node.operation, first, value(node, 1)).map(ImportedValue.constant)
    case "ConstantOfShape":
      return .constant(try filled(first, node))
    case "Slice":
      return .constant(try sliced(first, node))
    case "Gather":
      return .constant(try gathered(first, try constant(node, 1), node))
    case "Concat":
      var elements: [Int] = []
      for place in node.inputs.indices {
        guard let part = try constant(node, place).integers else { return nil }
        elements += part
      }
      return .constant(ONNXConstant(shape: [elements.count], .integer(elements)))
    default:
      return nil
    }
  }

  private func reshaped(_ constant: ONNXConstant, _ node: ONNXNode) throws(Fault) -> ONNXConstant {
    guard node.operation == "Reshape" else {
      return ONNXConstant(shape: try unitAxes(node, of: constant.shape), constant.elements)
    }
    let target = try integers(node, "shape", operand: 1) ?? []
    let extents = try Self.extents(target, constant.shape)
    guard extents.checkedProduct == constant.count else {
      throw Fault("\(constant.shape.shapeText) cannot be reshaped to \(target.shapeText)")
    }
    return ONNXConstant(shape: extents, constant.elements)
  }

  /// Arithmetic of constants of one shape, or with a single number; nil if an operand is no constant.
  private static func computed(
    _ operation: String, _ first: ONNXConstant, _ other: ImportedValue?
  ) throws(Fault) -> ONNXConstant? {
    let a = first.real
    switch operation {
    case "Sqrt": return ONNXConstant(shape: first.shape, .real(a.map { $0.squareRoot() }))
    case "Reciprocal": return ONNXConstant(shape: first.shape, .real(a.map { 1 / $0 }))
    case "Neg": return ONNXConstant(shape: first.shape, .real(a.map { -$0 }))
    default: break
    }
    guard case .constant(let second) = other else { return nil }
    if let a = first.integers, let b = second.integers, a.count == 1 || b.count == 1 {
      return try computed(operation, (a, first.shape), (b, second.shape))
    }
    guard first.shape == second.shape || first.count == 1 || second.count == 1 else {
      throw Fault(
        "lmtc computes with constants of one shape, found \(first.shape.shapeText) and \(second.shape.shapeText)"
      )
    }
    let (wider, b) = (first.count >= second.count ? first : second, second.real)
    let elements = (0..<wider.count).map { place -> Float in
      let (x, y) = (a[a.count == 1 ? 0 : place], b[b.count == 1 ? 0 : place])
      switch operation {
      case "Add": return x + y
      case "Sub": return x - y
      case "Mul": return x * y
      default: return x / y
      }
    }
    return ONNXConstant(shape: wider.shape, .real(elements))
  }

  /// Arithmetic of integers with a single one: extents and what follows from them.
  private static func computed(
    _ operation: String, _ first: (elements: [Int], shape: [Int]),
    _ second: (elements: [Int], shape: [Int])
  ) throws(Fault) -> ONNXConstant {
    let isLeftWide = first.elements.count >= second.elements.count
    let count = max(first.elements.count, second.elements.count)
    var elements: [Int] = []
    for place in 0..<count {
      let x = first.elements[first.elements.count == 1 ? 0 : place]
      let y = second.elements[second.elements.count == 1 ? 0 : place]
      guard x != ImportedValue.batch, y != ImportedValue.batch else {
        throw Fault("it computes with the extent of the batch")
      }
      let (result, overflows) =
        switch operation {
        case "Add": x.addingReportingOverflow(y)
        case "Sub": x.subtractingReportingOverflow(y)
        case "Mul": x.multipliedReportingOverflow(by: y)
        default: x.dividedReportingOverflow(by: y)
        }
      guard !overflows else { throw Fault("its result is no integer of 64 bits") }
      elements.append(result)
    }
    return ONNXConstant(shape: isLeftWide ? first.shape : second.shape, .integer(elements))
  }

  /// A constant of another element type: integers for those of ONNX, float32 for all others.
  private static func cast(_ constant: ONNXConstant, to type: Int) -> ONNXConstant {
    let isInteger = [2, 3, 5, 6, 7].contains(type)
    switch constant.elements {
    case .integer where isInteger: return constant
    case .real where !isInteger: return constant
    case .integer: return ONNXConstant(shape: constant.shape, .real(constant.real))
    case .real(let numbers):
      let whole = numbers.map { Int(exactly: $0.rounded(.towardZero)) ?? 0 }
      return ONNXConstant(shape: constant.shape, .integer(whole))
    }
  }

  /// A vector of one number.
  private func filled(_ extents: ONNXConstant, _ node: ONNXNode) throws(Fault) -> ONNXConstant {
    guard let count = extents.integers?.first, extents.count == 1, (0...64).contains(count) else {
      throw Fault("lmtc fills only short vectors")
    }
    guard case .constant(let number) = node["value"] else {
      return ONNXConstant(shape: [count], .real(Array(repeating: 0, count: count)))
    }
    switch number.elements {
    case .real(let numbers):
      return ONNXConstant(shape: [count], .real(Array(repeating: numbers.first ?? 0, count: count)))
    case .integer(let numbers):
      return ONNXConstant(
        shape: [count], .integer(Array(repeating: numbers.first ?? 0, count: count)))
    }
  }

  /// A part of the first axis of integers, forwards or backwards.
  private func sliced(_ constant: ONNXConstant, _ node: ONNXNode) throws(Fault) -> ONNXConstant {
    guard let elements = constant.integers, let count = constant.shape.first,
      let start = try integers(node, "starts", operand: 1)?.first,
      let end = try integers(node, "ends", operand: 2)?.first,
      (try integers(node, "axes", operand: 3) ?? [0]) == [0]
    else { throw Fault("lmtc slices only the first axis of integers") }
    let step = try integers(node, "steps", operand: 4)?.first ?? 1
    guard step == 1 || step == -1 else { throw Fault("'steps' must be 1 or -1, found \(step)") }
    func clamped(_ index: Int, _ range: ClosedRange<Int>) -> Int {
      let place = index < 0 ? max(index, -count - 1) + count : index
      return min(max(place, range.lowerBound), range.upperBound)
    }
    let rows =
      step > 0
      ? Array(stride(from: clamped(start, 0...count), to: clamped(end, 0...count), by: 1))
      : Array(
        stride(from: clamped(start, -1...count - 1), to: clamped(end, -1...count - 1), by: -1))
    let width = count == 0 ? 0 : elements.count / count
    let chosen = rows.flatMap { elements[$0 * width..<($0 + 1) * width] }
    return ONNXConstant(shape: [rows.count] + constant.shape.dropFirst(), .integer(chosen))
  }

  private func gathered(
    _ constant: ONNXConstant, _ indices: ONNXConstant, _ node: ONNXNode
  ) throws(Fault) -> ONNXConstant {
    guard let elements = constant.integers, let places = indices.integers,
      constant.shape.count == 1, node.integer("axis", default: 0) == 0,
      places.allSatisfy({ elements.indices.contains($0 < 0 ? $0 + elements.count : $0) })
    else { throw Fault("lmtc gathers only extents") }
    let chosen = places.map { elements[$0 < 0 ? $0 + elements.count : $0] }
    return ONNXConstant(shape: indices.shape, .integer(chosen))
  }

  /// An activation under other extents; nil if the node computes something.
  private mutating func viewed(_ node: ONNXNode) throws(Fault) -> Activation? {
    switch node.operation {
    case "Identity", "Dropout":
      return try activation(node)
    case "Cast":
      let type = node.integer("to", default: 1)
      guard type == 1 || type == 11 else {
        throw Fault(
          "it rounds to the element type \(type), and lmtc computes in float32 or float64")
      }
      return try activation(node)
    case "Flatten":
      let value = try activation(node)
      let axis = node.integer("axis", default: 1)
      guard axis == 1 || axis == -value.shape.count else {
        throw Fault("'axis' must be 1, so that a sample becomes a vector, found \(axis)")
      }
      return value.viewed(as: [value.count])
    case "Reshape":
      let value = try activation(node)
      guard let target = try integers(node, "shape", operand: 1) else {
        throw Fault("its extents are missing")
      }
      return value.viewed(as: try sample(target, of: value))
    case "Squeeze", "Unsqueeze":
      return try withUnitAxes(node)
    case "Transpose":
      return try transposed(node)
    default:
      return nil
    }
  }

  /// The extents behind the batch's of a reshape's target.
  private func sample(_ target: [Int], of value: Activation) throws(Fault) -> [Int] {
    guard !target.isEmpty else { throw Fault("its extents are missing") }
    if target.count == 1, [-1, value.count].contains(target[0]) { return [value.count] }
    let rest = Array(target.dropFirst())
    let extents = try Self.extents(rest, value.shape)
    let isWhole =
      [-1, 0, 1, ImportedValue.batch].contains(target[0]) || target[0] == batch
    guard extents.checkedProduct == value.count, isWhole else {
      let text = target.map { $0 == ImportedValue.batch ? "N" : "\($0)" }.joined(separator: ", ")
      throw Fault(
        "a reshape must keep samples apart: \(value.shape.shapeText) cannot become [\(text)]")
    }
    return extents
  }

  /// A target with −1, for what is left, and 0, for the extent there is.
  private static func extents(_ target: [Int], _ shape: [Int]) throws(Fault) -> [Int] {
    var extents = target.enumerated().map { axis, extent in
      extent == 0 && axis < shape.count ? shape[axis] : extent
    }
    guard let free = extents.firstIndex(of: -1) else { return extents }
    extents[free] = 1
    let (count, rest) = (shape.checkedProduct ?? 0, extents.checkedProduct ?? 0)
    guard rest > 0, count % rest == 0 else {
      throw Fault("\(shape.shapeText) cannot be reshaped to \(target.shapeText)")
    }
    extents[free] = count / rest
    return extents
  }

  private func withUnitAxes(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try activation(node)
    let shape = try unitAxes(node, of: [ImportedValue.batch] + value.shape)
    guard shape.first == ImportedValue.batch else {
      throw Fault("'axes' must be behind the batch's")
    }
    return value.viewed(as: Array(shape.dropFirst()))
  }

  /// Extents with axes of extent 1 added or removed.
  private func unitAxes(_ node: ONNXNode, of shape: [Int]) throws(Fault) -> [Int] {
    let isNew = node.operation == "Unsqueeze"
    guard let axes = try integers(node, "axes", operand: 1) else {
      guard !isNew else { throw Fault("'axes' are missing") }
      return shape.filter { $0 != 1 }
    }
    let rank = shape.count + (isNew ? axes.count : 0)
    let places = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    guard places.allSatisfy({ (0..<rank).contains($0) }), places.count == axes.count else {
      throw Fault("'axes' do not fit: \(axes.shapeText)")
    }
    var shape = shape
    for axis in isNew ? places.sorted() : places.sorted(by: >) {
      if isNew {
        shape.insert(1, at: axis)
      } else {
        guard shape[axis] == 1 else { throw Fault("axis \(axis) is not of extent 1") }
        shape.remove(at: axis)
      }
    }
    return shape
  }

  private mutating func transposed(_ node: ONNXNode) throws(Fault) -> Activation {
    let value = try activation(node)
    let order = node.integers("perm") ?? Array((0...value.shape.count).reversed())
    guard order.first == 0, order.sorted() == Array(0...value.shape.count) else {
      throw Fault("'perm' must leave the batch where it is, found \(order.shapeText)")
    }
    return try transposed(value, order.dropFirst().map { $0 - 1 })
  }
}

extension ONNXConstant {
  /// The axes in another order, reversed by default.
  func transposed(_ order: [Int]?) -> ONNXConstant {
    let order = order ?? Array(shape.indices.reversed())
    guard order.sorted() == Array(shape.indices) else { return self }
    let moved = Activation("", shape).transposed(order)
    guard let places = moved.places else { return ONNXConstant(shape: moved.shape, elements) }
    switch elements {
    case .real(let elements):
      return ONNXConstant(shape: moved.shape, .real(places.map { elements[$0] }))
    case .integer(let elements):
      return ONNXConstant(shape: moved.shape, .integer(places.map { elements[$0] }))
    }
  }
}
