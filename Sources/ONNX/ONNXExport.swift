import FileFormats
import struct FoundationEssentials.Data
import SwiftProtobuf
import TensorGraph

/// Writes a network's graph as an ONNX model: opset 13, IR version 7, with a free batch.
///
/// Every primitive operation but log(1 + x), which ONNX does not have, becomes operators that round no more often:
/// sums over windows are convolutions with ones, not averages times a number. So what holds for the network under
/// any order of summation holds for the model, if the runtime computes its operators in float32 and its
/// elementary functions as exactly as the network's analysis supposes.
public struct ONNXExport {
  /// Why a graph has no model; a phrase.
  public struct Fault: Error {
    /// The phrase.
    public let reason: String
  }

  private let graph: Graph
  private let weights: [String: HostTensor]
  private let fed: String
  private var model = ProtoGraph()
  /// For each node, the name of its value and whether that has all elements, or has to be broadcast.
  private var values: [Int: (name: String, isFull: Bool)] = [:]
  /// The names of masks as Booleans.
  private var masks: [Int: String] = [:]
  /// The values that depend on the fed input, whose first axis is the batch's.
  private var varying: Set<Int> = []
  private var constants: [ProtoTensor: String] = [:]

  /// The bytes of a model.
  ///
  /// - Parameters:
  ///   - graph: of a batch of one; its persistent inputs are the weights.
  ///   - fed: the name of the input.
  ///   - output: the name of the output.
  public static func encode(
    _ graph: Graph, weights: [String: HostTensor], fed: String, output: String, name: String,
    version: String
  ) throws(Fault) -> [UInt8] {
    var export = ONNXExport(graph: graph, weights: weights, fed: fed)
    export.model.name = name
    for index in graph.nodes.indices { try export.add(index) }
    guard let result = graph.outputs.first(where: { $0.name == output }) else {
      throw Fault(reason: "the graph has no output '\(output)'")
    }
    export.finish(result.value.index, as: output)
    let model = ProtoModel.with {
      ($0.irVersion, $0.producerName, $0.producerVersion) = (7, "lmtc", version)
      $0.opsetImport = [ProtoOperatorSet.with { $0.version = 13 }]
      $0.graph = export.model
    }
    do {
      return try model.serializedBytes()
    } catch {
      throw Fault(reason: "the model cannot be encoded: \(error)")
    }
  }

  private init(graph: Graph, weights: [String: HostTensor], fed: String) {
    (self.graph, self.weights, self.fed) = (graph, weights, fed)
  }

  private mutating func finish(_ index: Int, as output: String) {
    let name = full(index)
    emit("Identity", [name], as: output)
    let used = Set(model.node.flatMap(\.input))
    model.initializer.removeAll { !used.contains($0.name) }
    model.output = [Self.port(output, graph.nodes[index].type.shape)]
  }

  /// A tensor that is fed or returned, with a free batch.
  private static func port(_ name: String, _ shape: [Int]) -> ProtoValue {
    ProtoValue.with {
      $0.name = name
      $0.type.tensorType.elemType = 1
      $0.type.tensorType.shape.dim = shape.enumerated().map { axis, extent in
        ProtoDimension.with { $0.value = axis == 0 ? .dimParam("N") : .dimValue(Int64(extent)) }
      }
    }
  }

  private mutating func add(_ index: Int) throws(Fault) {
    let node = graph.nodes[index]
    if node.operands.contains(where: { varying.contains($0.index) }) { varying.insert(index) }
    let operands = node.operands.map(\.index)
    switch node.operation {
    case .input(let name): try addInput(name, index)
    case .splat(let number): values[index] = (constant(number), false)
    case .literal(let literal):
      let elements = literal.elements.map { Float($0) }
      values[index] = (constant(elements, node.type.shape), true)
    case .unary(.bfloat16):
      throw Fault(reason: "an operation of training steps is in the network: \(node.operation)")
    case .unary(let function): unary(function, operands[0], index)
    case .binary(.maximum) where graph.nodes[operands[1]].operation == .splat(0):
      elementwise("Relu", [operands[0]], index)
    case .binary(let function): elementwise(Self.name(of: function), operands, index)
    case .compare(let relation): compare(relation, operands, index)
    case .select: select(operands, index)
    case .broadcast(let axes): broadcast(operands[0], axes, index)
    case .stopGradient, .withDerivative: values[index] = values[operands[0]]
    case .reshape: set(index, reshape(operands[0], index))
    case .transpose(let order):
      set(index, emit("Transpose", [full(operands[0])], [attribute("perm", order)]))
    case .reduce(let reduction, let axes): set(index, reduce(reduction, full(operands[0]), axes))
    case .slice(let starts, let limits, let strides):
      set(index, slice(operands[0], starts, limits, strides))
    case .pad(let low, let high, let interior):
      set(index, try pad(full(operands[0]), low, high, interior))
    case .concatenate(let axis):
      set(index, emit("Concat", operands.map { full($0) }, [attribute("axis", axis)]))
    case .dot(let left, let right):
      let attributes = [attribute("transA", left ? 1 : 0), attribute("transB", right ? 1 : 0)]
      set(index, emit("Gemm", operands.map { full($0) }, attributes))
    case .convolution(let window):
      set(index, emit("Conv", operands.map { full($0) }, attributes(window)))
    case .convolutionInputGradient(let window): set(index, try transposed(window, operands, index))
    case .sumPool(let window): set(index, sumPool(window, operands[0]))
    case .maxPoolSelect(let window): set(index, try maxPool(window, operands))
    case .convolutionFilterGradient, .sumPoolGradient, .maxPoolScatter, .random, .cholesky,
      .triangularSolve:
      throw Fault(reason: "an operation of training steps is in the network: \(node.operation)")
    }
  }

  private mutating func addInput(_ name: String, _ index: Int) throws(Fault) {
    let shape = graph.nodes[index].type.shape
    if name == fed {
      varying.insert(index)
      model.input = [Self.port(name, shape)]
    } else {
      guard let tensor = weights[name] else { throw Fault(reason: "the weights lack '\(name)'") }
      model.initializer.append(Self.tensor(name, tensor.elements, tensor.shape))
    }
    values[index] = (name, true)
  }
}

extension ONNXExport {
  private static func tensor(_ name: String, _ elements: [Float], _ shape: [Int]) -> ProtoTensor {
    var bytes: [UInt8] = []
    TensorBytes.append(elements, to: &bytes)
    return ProtoTensor.with {
      ($0.name, $0.dims, $0.dataType) = (name, shape.map(Int64.init), 1)
      $0.rawData = Data(bytes)
    }
  }

  /// The name of a constant, which is written once.
  private mutating func constant(_ elements: [Float], _ shape: [Int]) -> String {
    named(Self.tensor("", elements, shape))
  }

  private mutating func constant(_ number: Double) -> String { constant([Float(number)], []) }

  private mutating func integers(_ elements: [Int]) -> String {
    named(
      ProtoTensor.with {
        ($0.dims, $0.dataType) = ([Int64(elements.count)], 7)
        $0.int64Data = elements.map(Int64.init)
      })
  }

  private mutating func named(_ tensor: ProtoTensor) -> String {
    if let known = constants[tensor] { return known }
    let name = "constant_\(constants.count)"
    constants[tensor] = name
    var tensor = tensor
    tensor.name = name
    model.initializer.append(tensor)
    return name
  }

  /// Appends an operator; returns the name of its result.
  @discardableResult
  private mutating func emit(
    _ operation: String, _ inputs: [String], _ attributes: [ProtoAttribute] = [],
    as output: String? = nil
  ) -> String {
    let name = output ?? "value_\(model.node.count)"
    model.node.append(
      ProtoNode.with {
        ($0.opType, $0.name) = (operation, "\(operation)_\(model.node.count)")
        ($0.input, $0.output, $0.attribute) = (inputs, [name], attributes)
      })
    return name
  }

  private func attribute(_ name: String, _ number: Int) -> ProtoAttribute {
    ProtoAttribute.with { ($0.name, $0.i, $0.type) = (name, Int64(number), 2) }
  }

  private func attribute(_ name: String, _ numbers: [Int]) -> ProtoAttribute {
    ProtoAttribute.with { ($0.name, $0.ints, $0.type) = (name, numbers.map(Int64.init), 7) }
  }

  /// A value with all its elements.
  private mutating func full(_ index: Int) -> String {
    guard let value = values[index] else { preconditionFailure("a value precedes its use") }
    guard !value.isFull else { return value.name }
    let shape = graph.nodes[index].type.shape
    let expanded = emit("Expand", [value.name, integers(shape)])
    values[index] = (expanded, true)
    return expanded
  }
}

// Elementwise operations, whose operands may have to be broadcast.
extension ONNXExport {
  private mutating func elementwise(_ operation: String, _ operands: [Int], _ index: Int) {
    let inputs = operands.compactMap { values[$0] }
    values[index] = (
      emit(operation, inputs.map(\.name)), inputs.contains(where: \.isFull)
    )
  }

  private mutating func unary(_ function: Operation.Unary, _ operand: Int, _ index: Int) {
    guard function == .log1p else {
      return elementwise(Self.name(of: function), [operand], index)
    }
    guard let value = values[operand] else { return }
    let sum = emit("Add", [value.name, constant(1)])
    values[index] = (emit("Log", [sum]), value.isFull)
  }

  private mutating func compare(
    _ relation: Operation.Comparison, _ operands: [Int], _ index: Int
  ) {
    elementwise(Self.name(of: relation), operands, index)
    guard let mask = values[index] else { return }
    masks[index] = mask.name
    values[index] = (emit("Cast", [mask.name], [attribute("to", 1)]), mask.isFull)
  }

  private mutating func select(_ operands: [Int], _ index: Int) {
    let inputs = operands.compactMap { values[$0] }
    let mask = masks[operands[0]] ?? emit("Cast", [inputs[0].name], [attribute("to", 9)])
    let chosen = emit("Where", [mask, inputs[1].name, inputs[2].name])
    values[index] = (chosen, inputs.contains(where: \.isFull))
  }

  /// Axes of extent 1 where the operand repeats; the runtime broadcasts them where an operator needs it.
  private mutating func broadcast(_ operand: Int, _ axes: [Int], _ index: Int) {
    let (source, rank) = (graph.nodes[operand].type.shape, graph.nodes[index].type.rank)
    guard !source.isEmpty, let value = values[operand] else {
      return values[index] = values[operand].map { ($0.name, false) }
    }
    guard rank != source.count else { return values[index] = value }
    var extents = [Int](repeating: 1, count: rank)
    for (place, axis) in axes.enumerated() { extents[axis] = source[place] }
    if varying.contains(operand) { extents[axes[0]] = -1 }
    values[index] = (emit("Reshape", [full(operand), integers(extents)]), false)
  }

  private static func name(of function: Operation.Unary) -> String {
    switch function {
    case .negate: "Neg"
    case .abs: "Abs"
    case .sign: "Sign"
    case .exp: "Exp"
    case .log, .log1p: "Log"
    case .sqrt: "Sqrt"
    case .tanh: "Tanh"
    case .logistic: "Sigmoid"
    case .erf: "Erf"
    case .bfloat16: preconditionFailure("only training steps round to bfloat16")
    }
  }

  private static func name(of function: Operation.Binary) -> String {
    switch function {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .maximum: "Max"
    case .minimum: "Min"
    }
  }

  private static func name(of relation: Operation.Comparison) -> String {
    switch relation {
    case .less: "Less"
    case .lessOrEqual: "LessOrEqual"
    case .greater: "Greater"
    case .greaterOrEqual: "GreaterOrEqual"
    case .equal: "Equal"
    }
  }
}

// Movements of elements, and reductions.
extension ONNXExport {
  private mutating func set(_ index: Int, _ name: String) { values[index] = (name, true) }

  private mutating func reshape(_ operand: Int, _ index: Int) -> String {
    let shape = graph.nodes[index].type.shape
    let extents = varying.contains(index) && !shape.isEmpty ? [-1] + shape.dropFirst() : shape
    return emit("Reshape", [full(operand), integers(extents)])
  }

  private mutating func reduce(
    _ reduction: Operation.Reduction, _ input: String, _ axes: [Int]
  ) -> String {
    switch reduction {
    case .sum: emit("ReduceSum", [input, integers(axes)], [attribute("keepdims", 0)])
    case .maximum:
      emit("ReduceMax", [input], [attribute("axes", axes), attribute("keepdims", 0)])
    }
  }

  private mutating func slice(
    _ operand: Int, _ starts: [Int], _ limits: [Int], _ strides: [Int]
  ) -> String {
    let (input, shape) = (full(operand), graph.nodes[operand].type.shape)
    // A whole axis, such as the batch's, is left alone.
    let axes = shape.indices.filter { starts[$0] > 0 || limits[$0] < shape[$0] || strides[$0] > 1 }
    guard !axes.isEmpty else { return input }
    let parts = [starts, limits, shape.indices.map { $0 }, strides].map { part in
      integers(axes.map { part[$0] })
    }
    return emit("Slice", [input] + parts)
  }

  private mutating func pad(
    _ input: String, _ low: [Int], _ high: [Int], _ interior: [Int]
  ) throws(Fault) -> String {
    guard interior.allSatisfy({ $0 == 0 }) else {
      throw Fault(reason: "zeros between elements have no ONNX operator")
    }
    return emit("Pad", [input, integers(low + high)])
  }
}

// Sums of products, and windows.
extension ONNXExport {
  /// The sum over windows as a convolution of each channel with ones.
  private mutating func sumPool(_ window: PoolWindow, _ operand: Int) -> String {
    let channels = graph.nodes[operand].type.shape[1]
    let convolution = ConvolutionWindow(
      kernel: window.kernel, strides: window.strides, paddingLow: window.paddingLow,
      paddingHigh: window.paddingHigh, groups: channels)
    let inputs = [full(operand), ones(window, channels)]
    return emit("Conv", inputs, attributes(convolution))
  }

  private mutating func maxPool(
    _ window: PoolWindow, _ operands: [Int]
  ) throws(Fault) -> String {
    guard operands[0] == operands[1] else {
      throw Fault(reason: "a selection by the maxima of other values has no ONNX operator")
    }
    return emit("MaxPool", [full(operands[0])], attributes(window))
  }

  private mutating func ones(_ window: PoolWindow, _ channels: Int) -> String {
    let shape = [channels, 1] + window.kernel
    return constant(Array(repeating: 1, count: shape.reduce(1, *)), shape)
  }

  private func attributes(_ window: PoolWindow) -> [ProtoAttribute] {
    [
      attribute("kernel_shape", window.kernel), attribute("strides", window.strides),
      attribute("pads", window.paddingLow + window.paddingHigh),
    ]
  }

  private func attributes(_ window: ConvolutionWindow) -> [ProtoAttribute] {
    [
      attribute("kernel_shape", window.kernel), attribute("strides", window.strides),
      attribute("dilations", window.dilations), attribute("group", window.groups),
      attribute("pads", window.paddingLow + window.paddingHigh),
    ]
  }

  /// The adjoint of a convolution; rows and columns that its windows did not reach are added behind.
  private mutating func transposed(
    _ window: ConvolutionWindow, _ operands: [Int], _ index: Int
  ) throws(Fault) -> String {
    let (source, target) = (graph.nodes[operands[0]].type.shape, graph.nodes[index].type.shape)
    let extra = (0..<2).map { axis in
      let reached =
        (source[axis + 2] - 1) * window.strides[axis] - window.paddingLow[axis]
        - window.paddingHigh[axis] + window.dilations[axis] * (window.kernel[axis] - 1) + 1
      return target[axis + 2] - reached
    }
    guard extra.allSatisfy({ $0 >= 0 }) else {
      throw Fault(reason: "a transposed convolution has no ONNX operator")
    }
    return emit(
      "ConvTranspose", operands.map { full($0) },
      attributes(window) + [attribute("output_padding", extra)])
  }
}
