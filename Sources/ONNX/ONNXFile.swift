import Diagnostics
import FileFormats
import SwiftProtobuf

/// A network in the ONNX format: nodes, constants, one input and one output.
///
/// Memory is bounded by a constant times the bytes of the file.
struct ONNXFile {
  /// A tensor that is fed or returned, with its extents; nil for one that is not fixed.
  struct Port {
    let name: String
    let extents: [Int?]
  }

  /// What wrote the file, such as `pytorch 2.7`.
  let producer: String
  /// The version of the standard operators.
  let opset: Int
  /// In an order in which every input precedes its use.
  let nodes: [ONNXNode]
  let constants: [String: ONNXConstant]
  let input: Port
  let output: Port

  /// Reads a file with elements of tensors, by its name in the folder of the model.
  typealias ReadBeside = (String) throws(Failure) -> [UInt8]

  /// Decodes a file; throws `weights.onnx`, and what `beside` throws.
  init(_ bytes: [UInt8], path: String, output name: String?, beside: @escaping ReadBeside)
    throws(Failure)
  {
    let fault = FileFault(.weights, path: path)
    var reader = ConstantReader(fault: fault, beside: beside)
    let model = try Self.model(bytes, fault)
    let graph = model.graph
    producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }
      .joined(separator: " ")
    opset = Int(
      clamping: model.opsetImport.first { Self.isStandard($0.domain) }?.version ?? 1)
    var constants: [String: ONNXConstant] = [:]
    for tensor in graph.initializer {
      constants[tensor.name] = try reader.read(tensor, "the initializer '\(tensor.name)'")
    }
    self.constants = constants
    let fed = graph.input.filter { constants[$0.name] == nil }
    input = try Self.only(fed, "input", fault)
    let returned = graph.output.filter { name == nil || $0.name == name }
    output = try Self.only(
      returned.isEmpty ? graph.output : returned, "output", fault,
      help: graph.output.count > 1
        ? "name the one with the logits: '--output NAME', or 'output: NAME' beside 'onnx' in a spec"
        : nil)
    var nodes: [ONNXNode] = []
    for (place, node) in graph.node.enumerated() {
      nodes.append(try ONNXNode(node, at: place, &reader))
    }
    let needed = Self.needed(nodes, for: output.name)
    self.nodes = Self.needed(
      NodePatterns.joined(needed, constants: constants), for: output.name)
  }

  /// The nodes on which a value depends: in the order of the file, but each behind the makers of its inputs, which
  /// some tools list later.
  ///
  /// Of a cycle the order is that of the file.
  private static func needed(_ nodes: [ONNXNode], for output: String) -> [ONNXNode] {
    var makers: [String: Int] = [:]
    for (place, node) in nodes.enumerated() {
      for name in node.outputs where !name.isEmpty { makers[name] = place }
    }
    var isNeeded = [Bool](repeating: false, count: nodes.count)
    var open = makers[output].map { [$0] } ?? []
    while let place = open.popLast() {
      guard !isNeeded[place] else { continue }
      isNeeded[place] = true
      open += nodes[place].inputs.compactMap { makers[$0] }
    }
    return ordered(nodes, makers, nodes.indices.filter { isNeeded[$0] })
  }

  private static func ordered(
    _ nodes: [ONNXNode], _ makers: [String: Int], _ places: [Int]
  ) -> [ONNXNode] {
    var ordered: [ONNXNode] = []
    var (isEntered, isPlaced) = (Set<Int>(), Set<Int>())
    for root in places {
      var path = [root]
      while let place = path.last {
        let before = nodes[place].inputs.compactMap { makers[$0] }.filter {
          !isEntered.contains($0)
        }
        if isEntered.insert(place).inserted, !before.isEmpty {
          path += before.reversed()
        } else {
          path.removeLast()
          if isPlaced.insert(place).inserted { ordered.append(nodes[place]) }
        }
      }
    }
    return ordered
  }

  private static func model(
    _ bytes: [UInt8], _ fault: FileFault
  ) throws(Failure) -> ProtoModel {
    let model: ProtoModel
    do {
      model = try ProtoModel(serializedBytes: bytes)
    } catch {
      throw fault("onnx", "the file is not an ONNX model: \(error)", at: nil)
    }
    guard model.hasGraph, !model.graph.node.isEmpty else {
      throw fault("onnx", "the file is not an ONNX model, or its graph has no nodes", at: nil)
    }
    guard model.graph.sparseInitializer.isEmpty else {
      throw fault("onnx", "the model has sparse initializers, which lmtc does not read", at: nil)
    }
    return model
  }

  private static func only(
    _ values: [ProtoValue], _ kind: String, _ fault: FileFault, help: String? = nil
  ) throws(Failure) -> Port {
    guard values.count == 1 else {
      let names = values.prefix(5).map { "'\($0.name)'" }.joined(separator: ", ")
      throw fault(
        "onnx", "the model must have one \(kind), found \(values.count): \(names)", at: nil,
        help: help)
    }
    let extents = values[0].type.tensorType.shape.dim.map { dimension -> Int? in
      guard case .dimValue(let extent) = dimension.value, extent > 0 else { return nil }
      return Int(extent)
    }
    return Port(name: values[0].name, extents: extents)
  }

  /// Whether a domain is that of the standard operators.
  static func isStandard(_ domain: String) -> Bool { domain.isEmpty || domain == "ai.onnx" }
}

/// Reads tensors, and each file beside the model once.
private struct ConstantReader {
  let fault: FileFault
  let beside: ONNXFile.ReadBeside
  private var files: [String: [UInt8]] = [:]

  init(fault: FileFault, beside: @escaping ONNXFile.ReadBeside) {
    (self.fault, self.beside) = (fault, beside)
  }

  /// - Parameter name: what messages call the tensor.
  mutating func read(_ tensor: ProtoTensor, _ name: String) throws(Failure) -> ONNXConstant {
    let external = tensor.dataLocation == 1 ? try bytes(of: tensor, name) : nil
    do throws(ONNXConstant.Fault) {
      return try ONNXConstant(tensor, external: external)
    } catch {
      throw fault("onnx", "\(name) \(error.reason)", at: nil)
    }
  }

  private mutating func bytes(of tensor: ProtoTensor, _ name: String) throws(Failure) -> [UInt8] {
    let entries = Dictionary(
      tensor.externalData.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    // A path could lead anywhere.
    guard let file = entries["location"], !file.isEmpty, !file.contains("/"), file != ".." else {
      throw fault(
        "onnx",
        "\(name) must be in a file in the folder of the model, found '\(entries["location"] ?? "")'",
        at: nil)
    }
    if files[file] == nil { files[file] = try beside(file) }
    let whole = files[file] ?? []
    let start = Int(entries["offset"] ?? "0") ?? -1
    let length = entries["length"].map { Int($0) ?? -1 } ?? whole.count - start
    guard start >= 0, length >= 0, length <= whole.count, start <= whole.count - length else {
      throw fault(
        "onnx", "\(name) lies outside the file '\(file)' of \(whole.count) bytes", at: nil)
    }
    return Array(whole[start..<start + length])
  }
}

/// An operator applied to named tensors.
struct ONNXNode {
  /// What an attribute holds.
  enum Attribute {
    case number(Float)
    case integer(Int)
    case text(String)
    case numbers([Float])
    case integers([Int])
    case constant(ONNXConstant)
    /// A type that no supported operator has.
    case other
  }

  /// Its name, or its operator and place in the file.
  let name: String
  /// The operator; with its domain if it is not a standard one.
  let operation: String
  let inputs: [String]
  let outputs: [String]
  private let attributes: [String: Attribute]

  fileprivate init(
    _ node: ProtoNode, at place: Int, _ reader: inout ConstantReader
  ) throws(Failure) {
    operation = ONNXFile.isStandard(node.domain) ? node.opType : "\(node.domain).\(node.opType)"
    name = node.name.isEmpty ? "\(node.opType)_\(place)" : node.name
    (inputs, outputs) = (node.input, node.output)
    var attributes: [String: Attribute] = [:]
    for attribute in node.attribute {
      attributes[attribute.name] = try Self.attribute(attribute, of: name, &reader)
    }
    self.attributes = attributes
  }

  private init(
    name: String, operation: String, inputs: [String], outputs: [String],
    attributes: [String: Attribute]
  ) {
    (self.name, self.operation, self.inputs, self.outputs) = (name, operation, inputs, outputs)
    self.attributes = attributes
  }

  /// A node without attributes that makes the same value in another way.
  func replaced(by operation: String, of inputs: [String]) -> ONNXNode {
    ONNXNode(name: name, operation: operation, inputs: inputs, outputs: outputs, attributes: [:])
  }

  private static func attribute(
    _ attribute: ProtoAttribute, of node: String, _ reader: inout ConstantReader
  ) throws(Failure) -> Attribute {
    switch attribute.type {
    case 1: .number(attribute.f)
    case 2: .integer(Int(attribute.i))
    case 3: .text(String(decoding: attribute.s, as: UTF8.self))
    case 4:
      .constant(
        try reader.read(attribute.t, "'\(attribute.name)' of node '\(node)'"))
    case 6: .numbers(attribute.floats)
    case 7: .integers(attribute.ints.map { Int($0) })
    default: .other
    }
  }

  subscript(_ name: String) -> Attribute? { attributes[name] }

  func integer(_ name: String, default value: Int) -> Int {
    if case .integer(let found) = attributes[name] { found } else { value }
  }

  func number(_ name: String, default value: Float) -> Float {
    if case .number(let found) = attributes[name] { found } else { value }
  }

  func integers(_ name: String) -> [Int]? {
    if case .integers(let found) = attributes[name] { found } else { nil }
  }

  func text(_ name: String, default value: String) -> String {
    if case .text(let found) = attributes[name] { found } else { value }
  }
}
