import Diagnostics
import OrderedCollections
import TensorGraph

/// The safetensors format: a little-endian 64-bit header length, a JSON header, the elements.
///
/// Read: F32, and F64 rounded to float32; every other type is refused by name.
/// Written: F32, names in byte order, the header padded with blanks to a multiple of 8: equal tensors
/// give equal bytes.
/// Reference: the format description of the safetensors library, version 0.4 and later.
public enum Safetensors {
  /// What a file holds.
  public struct Contents: Sendable, Equatable {
    /// Tensors by name, in the order of their bytes.
    public var tensors: OrderedDictionary<String, HostTensor>
    /// Free text by key.
    public var metadata: OrderedDictionary<String, String>
    /// Collects the parts.
    public init(
      tensors: OrderedDictionary<String, HostTensor>,
      metadata: OrderedDictionary<String, String> = [:]
    ) {
      self.tensors = tensors
      self.metadata = metadata
    }
  }

  /// The reserved key of the metadata in a header.
  static let metadataKey = "__metadata__"

  /// The file's bytes; keys of the metadata are sorted too.
  ///
  /// Elements that are not finite are written as they are, though ``decode(_:path:)`` refuses them.
  public static func encode(_ contents: Contents) -> [UInt8] {
    var header: OrderedDictionary<String, JSONValue> = [:]
    if !contents.metadata.isEmpty {
      let sorted = contents.metadata.sorted { $0.key < $1.key }
      header[metadataKey] = .object(
        OrderedDictionary(uniqueKeysWithValues: sorted.map { ($0.key, .string($0.value)) }))
    }
    let tensors = contents.tensors.sorted { $0.key < $1.key }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + 4 * tensor.elements.count
      header[name] = [
        "dtype": "F32", "shape": .array(tensor.shape.map { .integer($0) }),
        "data_offsets": [.integer(offset), .integer(end)],
      ]
      offset = end
    }
    var text = Array(JSONValue.object(header).text.utf8)
    text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + offset)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text)
    for (_, tensor) in tensors { TensorBytes.append(tensor.elements, to: &bytes) }
    return bytes
  }

  /// The contents of a file; throws `weights.…` with the offset of each fault.
  public static func decode(_ bytes: [UInt8], path: String) throws(Failure) -> Contents {
    try SafetensorsDecoder(bytes: bytes, fault: FileFault(.weights, path: path)).decode()
  }
}
