import Diagnostics
import FileFormats
import OrderedCollections
import TensorGraph

/// Turns an ONNX graph into layers, node by node.
///
/// Reshapes and transpositions become bookkeeping: a layer is added only where the next one needs its input in
/// another shape. Constants are computed as far as graphs of exporters need it.
struct NetworkImport {
  /// Why a node has no counterpart; a phrase.
  struct Fault: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  var network: ImportedNetwork
  /// The extent of the input's first axis if it is fixed.
  let batch: Int?
  /// Whether the input's first axis counts samples.
  let hasBatch: Bool
  private var values: [String: ImportedValue] = [:]
  private var uses: [String: Int] = [:]
  /// For each layer, the value that its node makes; other values may be the same under other extents.
  private var origins: [String: String] = [:]
  private var names: Set<String> = ["input"]
  private var isRounded = false
  /// The results of nodes that were refused, and of those that depend on them.
  private var refused: Set<String> = []
  /// The elements that transpositions have moved.
  private var moved = 0

  /// Imports a file; throws `weights.onnx` or, for all nodes without a counterpart, `weights.onnx-operator`.
  static func network(_ file: ONNXFile, path: String) throws(Failure) -> ImportedNetwork {
    let fault = FileFault(.weights, path: path)
    var work: NetworkImport
    do throws(Fault) {
      work = try NetworkImport(file)
    } catch {
      throw fault("onnx", error.reason, at: nil)
    }
    var faults: [Diagnostic] = []
    for node in file.nodes {
      do throws(Fault) {
        try work.add(node)
      } catch {
        work.refused.formUnion(node.outputs)
        let name = "node '\(node.name)' (\(node.operation))"
        faults.append(fault.diagnostic("onnx-operator", "\(name): \(error.reason)", at: nil))
      }
    }
    guard faults.isEmpty else { throw Failure(Array(faults.prefix(maximumFaults))) }
    do throws(Fault) {
      try work.finish(file.output)
    } catch {
      throw fault("onnx", error.reason, at: nil)
    }
    return work.network
  }

  private static let maximumFaults = 20
  /// The most elements of a sample anywhere in the network.
  private static let maximumElements = 1 << 26
  /// Each costs 8 bytes, however small the file is.
  private static let mostMovedElements = 1 << 24

  private init(_ file: ONNXFile) throws(Fault) {
    let fed = try Self.sample(of: file.input)
    let axes = Self.firstTransposition(file).flatMap { $0.count == fed.count ? $0 : nil }
    let sample = axes.map { $0.map { fed[$0] } } ?? fed
    hasBatch = file.input.extents.count > 1
    batch = hasBatch ? file.input.extents[0] : nil
    network = ImportedNetwork(producer: file.producer, opset: file.opset, input: sample)
    origins["input"] = file.input.name
    for (name, constant) in file.constants { set(name, constant) }
    var input = Activation("input", sample)
    if let axes {
      let back = fed.indices.map { axis in axes.firstIndex(of: axis) ?? axis }
      input = try transposed(input, back)
      network.remarks.append(
        "the model takes samples \(fed.shapeText), this network \(sample.shapeText); images with channels last "
          + "are read with 'layout: nhwc'")
    }
    values[file.input.name] = .activation(input)
    for node in file.nodes {
      for input in node.inputs { uses[input, default: 0] += 1 }
    }
    uses[file.output.name, default: 0] += 1
  }

  /// The order of axes into which a model brings its input, at once or behind arithmetic with constants; nil if it
  /// does not.
  ///
  /// The network then begins behind it, so that images have their channels first.
  private static func firstTransposition(_ file: ONNXFile) -> [Int]? {
    let readers = Dictionary(
      grouping: file.nodes.flatMap { node in node.inputs.map { ($0, node) } }
    ) {
      $0.0
    }
    var name = file.input.name
    for _ in file.nodes {
      guard let uses = readers[name], uses.count == 1, let output = uses[0].1.outputs.first
      else { return nil }
      let node = uses[0].1
      switch node.operation {
      case "Add", "Sub", "Mul", "Div", "Neg", "Cast", "Identity": name = output
      case "Transpose":
        guard let order = node.integers("perm"), order.first == 0,
          order.sorted() == Array(order.indices)
        else { return nil }
        return order.dropFirst().map { $0 - 1 }
      default: return nil
      }
    }
    return nil
  }

  /// The axes of a sample in another order.
  mutating func transposed(_ value: Activation, _ axes: [Int]) throws(Fault) -> Activation {
    moved += value.count
    guard moved <= Self.mostMovedElements else {
      throw Fault(
        "transpositions move \(moved) elements, and lmtc follows at most \(Self.mostMovedElements)")
    }
    return value.transposed(axes)
  }

  /// The extents behind the first one, which is the batch's.
  private static func sample(of input: ONNXFile.Port) throws(Fault) -> [Int] {
    let extents = input.extents.count > 1 ? Array(input.extents.dropFirst()) : input.extents
    let known = extents.compactMap(\.self)
    guard known.count == extents.count, (1...3).contains(known.count) else {
      let found = input.extents.map { $0.map(String.init) ?? "?" }.joined(separator: ", ")
      throw Fault(
        "the input '\(input.name)' must be a batch of samples with 1 to 3 fixed extents, "
          + "found [\(found)]")
    }
    guard let count = known.checkedProduct, count <= maximumElements else {
      throw Fault("the input '\(input.name)' has too many elements: \(known.shapeText)")
    }
    return known
  }

  private mutating func set(_ name: String, _ constant: ONNXConstant) {
    values[name] = .constant(constant)
    isRounded = isRounded || constant.isRounded
  }

  private mutating func add(_ node: ONNXNode) throws(Fault) {
    if let missing = node.inputs.first(where: { !$0.isEmpty && values[$0] == nil }) {
      // What depends on a node that was refused is not reported again.
      guard !refused.contains(missing) else { return refused.formUnion(node.outputs) }
      throw Fault("no node makes its input '\(missing)', or only one that depends on it")
    }
    guard let output = node.outputs.first else { throw Fault("it has no output") }
    if let parts = try halves(node) {
      for (output, part) in zip(node.outputs, parts) { values[output] = part }
      return
    }
    switch try folded(node) {
    case .constant(let constant): set(output, constant)
    case .some(let view): values[output] = view
    case nil:
      let made = try layer(node)
      values[output] = .activation(made)
      if origins[made.layer] == nil { origins[made.layer] = output }
    }
  }

  private mutating func finish(_ output: ONNXFile.Port) throws(Fault) {
    guard case .activation(let activation) = values[output.name] else {
      throw Fault("the output '\(output.name)' does not depend on the input")
    }
    // Classes are counted in the order of the logits.
    guard activation.places == nil else {
      throw Fault(
        "the output '\(output.name)' is transposed, and lmtc has no layer that moves axes")
    }
    network.outputs = try flat(activation).count
    guard !network.layers.isEmpty else {
      throw Fault("the output '\(output.name)' is the input: there is no layer")
    }
    if isRounded {
      network.remarks.append("weights in float64 were rounded to float32")
    }
  }
}

extension NetworkImport {
  /// An operand of a node; nil if it is left out.
  func value(_ node: ONNXNode, _ place: Int) -> ImportedValue? {
    guard node.inputs.indices.contains(place), !node.inputs[place].isEmpty else { return nil }
    return values[node.inputs[place]]
  }

  func activation(_ node: ONNXNode, _ place: Int = 0) throws(Fault) -> Activation {
    switch value(node, place) {
    case .activation(let activation): return activation
    case .half, .extremes: throw Fault(Self.halvesRule)
    case .constant, nil: throw Fault("operand \(place) must depend on the network's input")
    }
  }

  /// A constant operand; nil if it is left out.
  func constantIfPresent(_ node: ONNXNode, _ place: Int) throws(Fault) -> ONNXConstant? {
    switch value(node, place) {
    case .none: return nil
    case .constant(let constant): return constant
    case .activation, .half, .extremes:
      throw Fault(
        "operand \(place) depends on the network's input; a product of two such operands has no finite constant"
      )
    }
  }

  func constant(_ node: ONNXNode, _ place: Int) throws(Fault) -> ONNXConstant {
    guard let constant = try constantIfPresent(node, place) else {
      throw Fault("operand \(place) is missing")
    }
    return constant
  }

  /// Integers that are an attribute in old versions of an operator and an operand in new ones.
  func integers(_ node: ONNXNode, _ name: String, operand place: Int) throws(Fault) -> [Int]? {
    if let attribute = node.integers(name) { return attribute }
    guard let constant = try constantIfPresent(node, place) else { return nil }
    guard let integers = constant.integers else { throw Fault("'\(name)' must be integers") }
    return integers
  }

  /// What a name stands for.
  func values(named name: String) -> ImportedValue? { values[name] }

  /// Whether nothing but one operand of this name reads a layer's output.
  func isReadOnce(_ name: String, of layer: String) -> Bool {
    origins[layer] == name && uses[name] == 1
  }

  /// Adds a layer.
  ///
  /// - Parameters:
  ///   - hint: what its name is taken from.
  ///   - result: the shape of a sample of its output.
  mutating func append(
    _ kind: String, _ keys: [(String, String)] = [], of inputs: [Activation], named hint: String,
    _ parameters: OrderedDictionary<String, HostTensor> = [:], result: [Int]
  ) throws(Fault) -> Activation {
    guard let count = result.checkedProduct, count > 0, count <= Self.maximumElements else {
      throw Fault("its result would have the extents \(result.shapeText)")
    }
    let name = freeName(hint, kind)
    let before = network.layers.last?.name ?? "input"
    let sources = inputs.map(\.layer)
    network.append(
      ImportedNetwork.Layer(
        kind: kind, name: name, keys: keys.map { (key: $0.0, text: $0.1) },
        from: sources == [before] ? nil : sources, parameters: parameters))
    return Activation(name, result)
  }

  /// A layer's name that is not taken: the hint without what a layer's name cannot have.
  private mutating func freeName(_ hint: String, _ kind: String) -> String {
    let words = hint.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0))) }
    var base = String(words.joined(separator: ".").drop { !$0.isLetter && !$0.isNumber }.prefix(48))
    if base.isEmpty { base = kind }
    var (name, number) = (base, 2)
    while !names.insert(name).inserted {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }

  /// Changes a layer that was added before.
  mutating func change(_ name: String, _ body: (inout ImportedNetwork.Layer) -> Void) {
    network.change(name, body)
  }

  /// The value in the shape that the graph sees, as a layer's output.
  mutating func inOrder(_ value: Activation) throws(Fault) -> Activation {
    guard value.places == nil else {
      throw Fault("its operand was transposed, and lmtc has no layer that moves axes")
    }
    guard value.made != value.shape else { return value }
    if value.shape.count == 1 { return try flat(value) }
    let shape = "[\(value.shape.map(String.init).joined(separator: ", "))]"
    return try append(
      "reshape", [("shape", shape)], of: [value], named: "reshape", result: value.shape)
  }

  /// The value as a vector, in the order of the layer that made it.
  mutating func flat(_ value: Activation) throws(Fault) -> Activation {
    guard value.made.count > 1 else {
      return Activation(value.layer, value.made, places: value.places)
    }
    let flat = try append("flatten", of: [value], named: "flatten", result: [value.count])
    return Activation(flat.layer, flat.made, places: value.places)
  }
}
