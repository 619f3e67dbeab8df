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
  /// - Parameter shapes: the model's parameters by full name, in the order of messages.
  public static func load(
    _ path: String, declared shapes: OrderedDictionary<String, [Int]>
  ) throws(Failure) -> Weights {
    let weights = try load(path)
    let faults = check(weights, declared: shapes, path: path)
    guard faults.isEmpty else { throw Failure(faults) }
    return weights
  }

  /// The tensors in a file's bytes; throws `weights.…`.
  static func decode(_ bytes: [UInt8], path: String) throws(Failure) -> Weights {
    let fault = FileFault(.weights, path: path)
    if bytes.starts(with: "PK".utf8) { return Weights(try NPZ.decode(bytes, path: path)) }
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
    let contents = try Safetensors.decode(bytes, path: path)
    return Weights(Dictionary(uniqueKeysWithValues: contents.tensors.map { ($0.key, $0.value) }))
  }

  /// Whether the bytes begin with a pickle's protocol and not with a safetensors header, whose length may
  /// begin with the same two bytes and whose ninth byte opens a JSON object.
  private static func isPickle(_ bytes: [UInt8]) -> Bool {
    bytes.count > 1 && bytes[0] == 0x80 && bytes[1] < 6
      && !(bytes.count > 8 && bytes[8] == UInt8(ascii: "{"))
  }

  /// What is missing, misshapen or unknown, in this order.
  static func check(
    _ weights: Weights, declared shapes: OrderedDictionary<String, [Int]>,
    path: String
  ) -> [Diagnostic] {
    let fault = FileFault(.weights, path: path)
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
