import Execution
import TensorGraph

/// Converts a schedule to steps over buffers: the buffers of values, their layouts and copies.
struct Planner {
  let graph: Graph
  let roles: NodeRoles
  /// Which algorithms are allowed.
  let purpose: ExecutionPurpose
  private(set) var steps: [any Step] = []
  private(set) var buffers: [PlannedBuffer] = []
  /// The copies of each value by layout.
  private var placements: [Value: [(layout: Layout, buffer: BufferID)]] = [:]

  /// The copies of values as bfloat16 numbers by layout.
  private var narrowPlacements: [Value: [(layout: Layout, buffer: BufferID)]] = [:]

  /// Plans a graph.
  ///
  /// - Parameter borrowed: the inputs that lie in another executable's memory.
  init(_ graph: Graph, for purpose: ExecutionPurpose, borrowing borrowed: Set<String> = []) {
    self.graph = graph
    self.purpose = purpose
    roles = NodeRoles(graph, for: purpose)
    for input in graph.inputs {
      let buffer = makeBuffer(
        graph[input.value].type.count, borrowed.contains(input.name) ? .borrowed : .input)
      place(input.value, buffer)
    }
    for unit in Schedule(roles).units {
      switch unit {
      case .kernel(let index): emitKernel(Value(index))
      case .region(let members, let sums):
        emitRegion(members.map { Value($0) }, sums: sums.map { Value($0) })
      }
    }
  }

  /// Adds a step.
  mutating func append(_ step: any Step) { steps.append(step) }

  /// The buffer that holds an output after execution: never an input's or a constant's.
  mutating func outputBuffer(_ value: Value) -> BufferID {
    let buffer = plainBuffer(value)
    let isOwned = if case .computed = buffers[buffer].kind { true } else { false }
    if isOwned { return buffer }
    let copy = makeBuffer(buffers[buffer].count)
    emitCopy(.init(buffer: buffer, access: .direct), to: copy, count: buffers[buffer].count)
    return copy
  }

  /// A new buffer.
  mutating func makeBuffer(_ count: Int, _ kind: PlannedBuffer.Kind = .computed) -> BufferID {
    buffers.append(PlannedBuffer(count: count, kind: kind))
    return buffers.count - 1
  }

  /// Records the buffer of a value; row-major if no layout is given.
  mutating func place(_ value: Value, _ buffer: BufferID, _ layout: Layout? = nil) {
    let layout = layout ?? .plain(graph[value].type.shape)
    placements[value, default: []].append((layout, buffer))
    if buffers[buffer].layout == nil { buffers[buffer].layout = layout }
  }

  /// A new row-major buffer for a value.
  mutating func makeResult(_ value: Value) -> BufferID {
    let buffer = makeBuffer(graph[value].type.count)
    place(value, buffer)
    return buffer
  }

  /// The layouts in which a value is available, oldest first.
  func layouts(of value: Value) -> [Layout] {
    if let placed = placements[value] { return placed.map(\.layout) }
    if roles.isPassed(value) { return layouts(of: graph[value].operands[0]) }
    return [.plain(graph[value].type.shape)]
  }

  /// A row-major copy of a value, made if there is none.
  mutating func plainBuffer(_ value: Value) -> BufferID {
    buffer(value, .plain(graph[value].type.shape))
  }

  /// A copy of a value in a layout, made if there is none.
  mutating func buffer(_ value: Value, _ layout: Layout) -> BufferID {
    if let placed = placements[value]?.first(where: { $0.layout == layout }) {
      return placed.buffer
    }
    let shape = graph[value].type.shape
    if roles.isPassed(value) { return buffer(graph[value].operands[0], layout) }
    let buffer: BufferID
    if let available = placements[value]?.first {
      buffer = reordered(available.buffer, from: available.layout, to: layout, shape)
    } else if layout == .plain(shape) {
      buffer = materialized(value)
    } else {
      buffer = reordered(plainBuffer(value), from: .plain(shape), to: layout, shape)
    }
    place(value, buffer, layout)
    return buffer
  }

  /// A copy of a value rounded to bfloat16, as such numbers in a layout; made if there is none.
  mutating func narrowBuffer(_ value: Value, _ layout: Layout) -> BufferID {
    if let placed = narrowPlacements[value]?.first(where: { $0.layout == layout }) {
      return placed.buffer
    }
    let (count, source) = (graph[value].type.count, buffer(value, layout))
    let result = makeBuffer((count + 1) / 2)
    append(NarrowStep(count: count, source: source, result: result))
    narrowPlacements[value, default: []].append((layout, result))
    return result
  }

  /// A row-major copy of a value that no step has made.
  private mutating func materialized(_ value: Value) -> BufferID {
    let node = graph[value]
    if let number = roles.number(value) {
      return makeBuffer(node.type.count, .constant([Float(number)]))
    }
    switch node.operation {
    case .literal(let literal):
      return makeBuffer(node.type.count, .constant(literal.elements.map { Float($0) }))
    case .reshape, .stopGradient, .withDerivative: return plainBuffer(node.operands[0])
    default:
      let buffer = makeBuffer(node.type.count)
      let load = viewLoad(value, .plain(node.type.shape))
      emitCopy(load, to: buffer, count: node.type.count)
      return buffer
    }
  }

  /// Copies a view into a buffer.
  private mutating func emitCopy(_ load: ElementwiseStep.Load, to buffer: BufferID, count: Int) {
    if count == 0 { return }
    append(
      ElementwiseStep(
        count: count, loads: [load],
        instructions: [.init(opcode: .copy, sources: [.load(0)], output: buffer)]))
  }

  private mutating func reordered(
    _ source: BufferID, from: Layout, to: Layout, _ shape: [Int]
  ) -> BufferID {
    let result = makeBuffer(shape.reduce(1, *))
    let view = StridedSource(to.nest(over: from), offset: 0)
    emitCopy(
      .init(buffer: source, access: .strided(view)), to: result, count: shape.reduce(1, *))
    return result
  }

  /// A load of a broadcast, transposed or sliced value by a reader in the given layout.
  mutating func viewLoad(_ value: Value, _ layout: Layout) -> ElementwiseStep.Load {
    let view = strides(of: value)
    let nest = StridedSource(layout.nest(strides: view.strides), offset: view.offset)
    return .init(
      buffer: plainBuffer(view.base),
      access: nest.isScalar
        ? .scalar(offset: view.offset)
        : nest.isContiguous && view.offset == 0 ? .direct : .strided(nest))
  }

  /// The value whose row-major elements a view reads, and how.
  private func strides(of value: Value) -> (base: Value, offset: Int, strides: [Int]) {
    let node = graph[value]
    switch node.operation {
    case .broadcast(let axes):
      let inner = strides(of: node.operands[0])
      var result = Array(repeating: 0, count: node.type.rank)
      for (i, axis) in axes.enumerated() { result[axis] = inner.strides[i] }
      return (inner.base, inner.offset, result)
    case .transpose(let permutation):
      let inner = strides(of: node.operands[0])
      return (inner.base, inner.offset, permutation.map { inner.strides[$0] })
    case .slice(let starts, _, let steps):
      let inner = strides(of: node.operands[0])
      let offset = zip(starts, inner.strides).reduce(inner.offset) { $0 + $1.0 * $1.1 }
      return (inner.base, offset, zip(steps, inner.strides).map { $0 * $1 })
    case .stopGradient, .withDerivative:
      return strides(of: node.operands[0])
    default:
      return (value, 0, rowMajorStrides(node.type.shape))
    }
  }
}

/// A buffer before it has an address.
struct PlannedBuffer {
  /// What fills the buffer.
  enum Kind {
    /// The caller; kept between executions.
    case input
    /// The caller, in the memory of another executable.
    case borrowed
    /// The compiler: these elements, or one for all.
    case constant([Float])
    /// A step.
    case computed
  }
  /// Elements.
  let count: Int
  /// What fills it.
  let kind: Kind
  /// The order of the first value that it holds; nil if it holds none of the graph.
  var layout: Layout?
}
