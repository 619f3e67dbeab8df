import Diagnostics
import Execution
import FileFormats
import OrderedCollections

/// Named tensors in a file: safetensors or npz, told apart by content.
public enum WeightsFile {
  /// The tensors of a file by name; throws `file.…` or `weights.…`.
  public static func load(_ path: String) throws(Failure) -> Weights {
    let bytes = try FileReading.bytes(of: path)
    return try decode(bytes, path: path)
  }

  /// The tensors of a file, which must be those declared: missing, unknown and misshapen ones are
  /// all reported.
  ///
  /// - Parameters:
  ///   - shapes: the model's parameters by full name, in the order of messages.
  ///   - renames: whether tensors that fit in shape but not in name are taken by the names that
  ///     ``WeightRenaming`` finds.
  /// - Returns: the weights, and the renaming if one was needed.
  public static func load(
    _ path: String, declared shapes: OrderedDictionary<String, [Int]>, renames: Bool = false
  ) throws(Failure) -> (weights: Weights, renaming: WeightRenaming?) {
    let weights = try load(path)
    let faults = check(weights, declared: shapes, path: path)
    if faults.isEmpty { return (weights, nil) }
    guard let renaming = WeightRenaming(of: weights, declared: shapes) else {
      throw Failure(faults)
    }
    guard renames else {
      throw Failure(
        FileFault(.weights, path: path).diagnostic(
          "names",
          "the tensors fit the network in shape but not in name; in order they are \(renaming.text)",
          at: nil, help: "if that is right, add '--rename'; otherwise rename them in the file"))
    }
    return (renaming.apply(to: weights), renaming)
  }

  /// Throws `weights.…` unless the tensors are those declared, by name and shape.
  ///
  /// - Parameter path: the file that they are from.
  public static func require(
    _ weights: Weights, declared shapes: OrderedDictionary<String, [Int]>, path: String
  ) throws(Failure) {
    let faults = check(weights, declared: shapes, path: path)
    guard faults.isEmpty else { throw Failure(faults) }
  }

  /// The tensors in a file's bytes; throws `weights.…`.
  static func decode(_ bytes: [UInt8], path: String) throws(Failure) -> Weights {
    let fault = FileFault(.weights, path: path)
    if bytes.starts(with: "PK".utf8) {
      return Weights(try NPZ.decode(bytes, path: path, skipping: isCounter))
    }
    if bytes.starts(with: NPYHeader.magic) {
      throw fault(
        "format", "a single npy array has no parameter names", at: 0,
        help: "save the arrays by name with numpy.savez")
    }
    if isPickle(bytes) {
      throw fault(
        "format", "the file is a Python pickle, and reading a pickle can execute code", at: 0,
        help: "save the tensors with safetensors.torch.save_file")
    }
    if isONNX(bytes) {
      throw fault(
        "format", "the file is an ONNX model", at: 0,
        help: "turn it into a spec and weights with 'lmtc import'")
    }
    let contents = try Safetensors.decode(bytes, path: path, skipping: isCounter)
    return Weights(Dictionary(uniqueKeysWithValues: contents.tensors.map { ($0.key, $0.value) }))
  }

  /// Whether the bytes begin with a pickle's protocol and not with a safetensors header, whose length may
  /// begin with the same two bytes and whose ninth byte opens a JSON object.
  private static func isPickle(_ bytes: [UInt8]) -> Bool {
    bytes.count > 1 && bytes[0] == 0x80 && bytes[1] < 6
      && !(bytes.count > 8 && bytes[8] == UInt8(ascii: "{"))
  }

  /// Whether the bytes begin with the version of an ONNX model and the next field's tag, and not with a
  /// safetensors header, whose ninth byte opens a JSON object.
  private static func isONNX(_ bytes: [UInt8]) -> Bool {
    bytes.count > 8 && bytes[0] == 0x08 && (1...20).contains(bytes[1])
      && [0x12, 0x1A, 0x3A, 0x42].contains(bytes[2]) && bytes[8] != UInt8(ascii: "{")
  }

  /// Whether a tensor counts the batches that PyTorch's batch normalization has seen, which nothing depends on.
  private static func isCounter(_ name: String) -> Bool {
    name == "num_batches_tracked" || name.hasSuffix(".num_batches_tracked")
  }

  /// A fault for parts of weights that PyTorch composes; nil where there are none.
  private static func parametrized(_ weights: Weights, _ fault: FileFault) -> Diagnostic? {
    let parts = weights.tensors.keys.filter {
      $0.hasSuffix("weight_g") || $0.hasSuffix("weight_v") || $0.contains("parametrizations.")
    }.sorted()
    guard let first = parts.first else { return nil }
    return fault.diagnostic(
      "parametrized",
      "\(first.quoted) is a part from which PyTorch forms a weight; the network needs the weight itself",
      at: nil,
      help:
        "before saving, call torch.nn.utils.parametrize.remove_parametrizations(module, 'weight'), or"
        + " torch.nn.utils.remove_weight_norm(module)")
  }

  /// What is missing, misshapen or unknown, in this order.
  static func check(
    _ weights: Weights, declared shapes: OrderedDictionary<String, [Int]>,
    path: String
  ) -> [Diagnostic] {
    let fault = FileFault(.weights, path: path)
    if let parametrized = parametrized(weights, fault) { return [parametrized] }
    let unknown = weights.tensors.keys.filter { shapes[$0] == nil }.sorted()
    var faults: [Diagnostic] = []
    for (name, shape) in shapes {
      guard let tensor = weights.tensors[name] else {
        let near = Suggestion.nearest(to: name, in: unknown)
        faults.append(
          fault.diagnostic(
            "missing", "the file lacks the parameter '\(name)' of shape \(shape.shapeText)",
            at: nil,
            help: near.map { "rename '\($0)' to '\(name)'" }))
        continue
      }
      if tensor.shape != shape {
        faults.append(
          fault.diagnostic(
            "shape",
            "'\(name)' must have shape \(shape.shapeText), found \(tensor.shape.shapeText)", at: nil
          ))
      }
    }
    return faults
      + unknown.map { name in
        fault.diagnostic(
          "unknown", "the network has no parameter '\(name)'", at: nil,
          help: Suggestion.help(for: name, in: Array(shapes.keys), kind: "its parameters are"))
      }
  }
}
