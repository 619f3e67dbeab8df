import Diagnostics
import OrderedCollections
import TensorGraph

/// A network in terms of lmtc's layers: what a spec says, and the weights.
public struct ImportedNetwork: Sendable {
  /// A layer of a spec.
  struct Layer: Sendable {
    let kind: String
    var name: String
    /// Keys with their values as YAML flow text.
    var keys: [(key: String, text: String)]
    /// The layers whose outputs it reads; nil for the one before.
    let from: [String]?
    /// Parameters by their names in the layer.
    var parameters: OrderedDictionary<String, HostTensor>
  }

  /// What wrote the model.
  let producer: String
  let opset: Int
  /// The shape of one sample.
  public let input: [Int]
  private(set) var layers: [Layer] = []
  /// The number of elements of the output.
  public internal(set) var outputs = 0
  /// What the user should know.
  public internal(set) var remarks: [String] = []

  init(producer: String, opset: Int, input: [Int]) {
    (self.producer, self.opset, self.input) = (producer, opset, input)
  }

  /// Reads a model; throws `weights.onnx`, `weights.onnx-operator` for every node without a counterpart, and what
  /// `beside` throws.
  ///
  /// - Parameters:
  ///   - output: the name of the logits; nil if the model has only one output.
  ///   - beside: the bytes of a file in the folder of the model, by its name: large models keep their weights
  ///     there.
  public static func read(
    _ bytes: [UInt8], path: String, output: String? = nil,
    beside: @escaping (String) throws(Failure) -> [UInt8]
  ) throws(Failure) -> ImportedNetwork {
    try NetworkImport.network(
      try ONNXFile(bytes, path: path, output: output, beside: beside), path: path)
  }

  /// The number of layers.
  public var layerCount: Int { layers.count }

  /// Every parameter by its full name.
  public var weights: OrderedDictionary<String, HostTensor> {
    var weights: OrderedDictionary<String, HostTensor> = [:]
    for layer in layers {
      for (name, tensor) in layer.parameters { weights["\(layer.name).\(name)"] = tensor }
    }
    return weights
  }

  /// The text of a spec.
  ///
  /// - Parameters:
  ///   - source: the file it comes from, for a comment.
  ///   - data: its section `data` as YAML flow text; a comment that asks for it if nil.
  public func spec(name: String, source: String, data: String?) -> String {
    let by = producer.isEmpty ? "" : ", written by \(producer)"
    let missing =
      outputs == 1
      ? "# One output has no classes to certify; 'lmtc compile' bounds its constant."
      : """
      # State the test data for 'lmtc certify', for instance:
      # data: {format: npz, test: test.npz, scale: 1/255}
      """
    return """
      # From \(source) (ONNX opset \(opset)\(by)).
      lmt: 1
      name: \(name)

      \(data.map { "data: \($0)" } ?? missing)

      \(section)

      """
  }

  /// The section `network` of a spec.
  public var section: String {
    let shape = input.map(String.init).joined(separator: ", ")
    let lines = layers.map { "    - \($0.text)" }
    return (["network:", "  input: [\(shape)]", "  layers:"] + lines).joined(separator: "\n")
  }

  mutating func append(_ layer: Layer) { layers.append(layer) }

  /// Changes the layer of a name.
  mutating func change(_ name: String, _ body: (inout Layer) -> Void) {
    guard let place = layers.lastIndex(where: { $0.name == name }) else { return }
    body(&layers[place])
  }
}

extension ImportedNetwork.Layer {
  /// The layer as an element of a spec's list.
  fileprivate var text: String {
    var entries = ["name: \(name)"] + keys.map { "\($0.key): \($0.text)" }
    if let from {
      entries.append("from: " + (from.count == 1 ? from[0] : "[\(from.joined(separator: ", "))]"))
    }
    return "\(kind): {\(entries.joined(separator: ", "))}"
  }
}
