import CMatrixKernels
import OrderedCollections
import TensorGraph

extension Planner {
  /// Emits the step of a fused region and of the sums over its results; sums that do not fit into the
  /// region follow it.
  mutating func emitRegion(_ members: [Value], sums: [Value]) {
    let count = graph[members[0]].type.count
    let layout = regionLayout(members)
    let views = sumViews(sums, layout)
    var region = RegionBuilder()
    for value in members {
      let sources = operandSources(value, layout, &region)
      var output: BufferID?
      if leavesRegion(value, members + views.keys) {
        output = makeBuffer(count)
        // Only a four-dimensional region has one shape; the members of others share their count.
        place(value, output!, graph[value].type.rank == 4 ? layout : nil)
      }
      region.append(value, opcode(value), sources, output)
    }
    let fused = views.map { sum, view in
      ElementwiseStep.Sum(
        instruction: region.instruction(of: graph[sum].operands[0])!, view: view,
        result: makeResult(sum), count: graph[sum].type.count)
    }
    if count > 0 {
      append(
        ElementwiseStep(
          count: count, loads: region.loads, instructions: region.instructions, sums: fused))
    }
    for sum in sums where views[sum] == nil { emitKernel(sum) }
  }

  /// Where the elements of a region are added, for the sums whose runs fit each other.
  private func sumViews(
    _ sums: [Value], _ layout: Layout
  ) -> OrderedDictionary<Value, StridedSource> {
    var views: OrderedDictionary<Value, StridedSource> = [:]
    var run: Int?
    for sum in sums {
      guard case .reduce(.sum, let axes) = graph[sum].operation, graph[sum].type.count > 0 else {
        continue
      }
      let shape = graph[graph[sum].operands[0]].type.shape
      var kept = rowMajorStrides(graph[sum].type.shape)[...]
      let strides = shape.indices.map { axes.contains($0) ? 0 : kept.removeFirst() }
      let order = shape.count == 4 ? layout : .plain(shape)
      let view = StridedSource(order.nest(strides: strides), offset: 0)
      guard let length = RepeatedRuns(view, width: lmtc_vector_width())?.length,
        run.map({ $0 % length == 0 || length % $0 == 0 }) ?? true
      else { continue }
      run = min(run ?? length, length)
      views[sum] = view
    }
    return views
  }

  private func opcode(_ value: Value) -> TapeOpcode {
    switch graph[value].operation {
    case .unary(let function): .unary(function)
    case .binary(let function): .binary(function)
    case .compare(let relation): .compare(relation)
    case .select: .select
    case .dot: .binary(.multiply)
    default: preconditionFailure("\(graph[value].operation.name) is not elementwise")
    }
  }

  private func leavesRegion(_ value: Value, _ members: [Value]) -> Bool {
    let inside = Set(members.map(\.index))
    return roles.users[value.index].contains { !inside.contains($0) }
  }

  /// The layout that most full operands already have; row-major if none does.
  private func regionLayout(_ members: [Value]) -> Layout {
    let shape = graph[members[0]].type.shape
    let plain = Layout.plain(shape)
    guard shape.count == 4 else { return plain }
    let inside = Set(members)
    var seen: Set<Value> = []
    var votes: OrderedDictionary<Layout, Int> = [:]
    for value in members {
      if graph.outputs.contains(where: { $0.value == value }) { votes[plain, default: 0] += 1 }
      for operand in graph[value].operands where !inside.contains(operand) {
        guard graph[operand].type.shape == shape, roles.number(operand) == nil,
          roles.roles[operand.index] != .view, seen.insert(operand).inserted
        else { continue }
        for layout in layouts(of: operand) { votes[layout, default: 0] += 1 }
      }
    }
    let most = votes.values.max() ?? 0
    if most == 0 || votes[plain] == most && votes.count == 1 { return plain }
    let finest = votes.filter { $0.value == most }.keys.map(\.dimensions.count).max()
    // Of equal layouts the first, so that every run plans the same.
    return votes.first { $0.value == most && $0.key.dimensions.count == finest }?.key ?? plain
  }

  private mutating func operandSources(
    _ value: Value, _ layout: Layout, _ region: inout RegionBuilder
  ) -> [ElementwiseStep.Source] {
    let node = graph[value]
    guard case .dot = node.operation else {
      return node.operands.map { source($0, layout, &region) }
    }
    // An outer product: the left operand repeats along columns, the right one along rows.
    return node.operands.enumerated().map { position, operand in
      let shape = node.type.shape
      let view = StridedSource(
        [
          StridedDimension(extent: shape[0], stride: position == 0 ? 1 : 0),
          StridedDimension(extent: shape[1], stride: position == 0 ? 0 : 1),
        ], offset: 0)
      return region.load(plainBuffer(operand), view, count: node.type.count)
    }
  }

  private mutating func source(
    _ operand: Value, _ layout: Layout, _ region: inout RegionBuilder
  ) -> ElementwiseStep.Source {
    if let number = roles.number(operand) { return .constant(Float(number)) }
    if let instruction = region.instruction(of: operand) { return .instruction(instruction) }
    switch roles.roles[operand.index] {
    case .alias:
      let inner = graph[operand].operands[0]
      if roles.domain(inner) == roles.domain(operand) { return source(inner, layout, &region) }
    case .view:
      let shape = graph[operand].type.shape
      let load = viewLoad(operand, shape.count == 4 ? layout : .plain(shape))
      return region.load(load)
    case .source, .elementwise, .kernel: break
    }
    let layout = graph[operand].type.rank == 4 ? layout : .plain(graph[operand].type.shape)
    return region.load(.init(buffer: buffer(operand, layout), access: .direct))
  }
}

/// Collects a region's loads and instructions.
private struct RegionBuilder {
  private(set) var loads: [ElementwiseStep.Load] = []
  private(set) var instructions: [ElementwiseStep.Instruction] = []
  private var indexOfLoad: [ElementwiseStep.Load: Int] = [:]
  private var instructionOf: [Value: Int] = [:]

  /// The instruction that computes a member.
  func instruction(of value: Value) -> Int? { instructionOf[value] }

  /// Adds a member.
  mutating func append(
    _ value: Value, _ opcode: TapeOpcode, _ sources: [ElementwiseStep.Source], _ output: BufferID?
  ) {
    instructionOf[value] = instructions.count
    instructions.append(.init(opcode: opcode, sources: sources, output: output))
  }

  /// A load, shared if it is there already.
  mutating func load(_ load: ElementwiseStep.Load) -> ElementwiseStep.Source {
    if let index = indexOfLoad[load] { return .load(index) }
    loads.append(load)
    indexOfLoad[load] = loads.count - 1
    return .load(loads.count - 1)
  }

  /// A load through strides.
  mutating func load(
    _ buffer: BufferID, _ view: StridedSource, count: Int
  ) -> ElementwiseStep.Source {
    load(
      .init(
        buffer: buffer,
        access: view.isScalar
          ? .scalar(offset: view.offset) : view.isContiguous ? .direct : .strided(view)))
  }
}
