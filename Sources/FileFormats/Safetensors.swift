import Diagnostics
import OrderedCollections
import TensorGraph

/// The safetensors format: a little-endian 64-bit header length, a JSON header, the elements.
///
/// Reads F32, and F64 rounded to float32; other types are rejected, apart from counters (I64) that the
/// reader does not want.
/// Writes F32, with names in byte order and the header padded with spaces to a multiple of 8 bytes, so
/// that equal tensors give equal bytes.
/// Reference: the format description of the safetensors library, version 0.4 and later.
public enum Safetensors {
  /// The contents of a file.
  public struct Contents: Sendable, Equatable {
    /// Tensors by name, in the order of their bytes.
    public var tensors: OrderedDictionary<String, HostTensor>
    /// Free text by key.
    public var metadata: OrderedDictionary<String, String>
    /// Contents with these parts.
    public init(
      tensors: OrderedDictionary<String, HostTensor>,
      metadata: OrderedDictionary<String, String> = [:]
    ) {
      self.tensors = tensors
      self.metadata = metadata
    }
  }

  /// The reserved key of the metadata in a header.
  fileprivate static let metadataKey = "__metadata__"

  /// The file's bytes; keys of the metadata are sorted too.
  ///
  /// Elements that are not finite are written too, although ``decode(_:path:)`` rejects them.
  public static func encode(_ contents: Contents) -> [UInt8] {
    let tensors = contents.tensors.sorted { $0.key < $1.key }
    var bytes = header(
      of: tensors.map { ($0.key, $0.value.shape) }, metadata: contents.metadata)
    bytes.reserveCapacity(bytes.count + tensors.reduce(0) { $0 + 4 * $1.value.elements.count })
    for (_, tensor) in tensors { TensorBytes.append(tensor.elements, to: &bytes) }
    return bytes
  }

  /// What precedes the elements of tensors, which follow in this order; their names must be in byte order.
  public static func header(
    of tensors: [(name: String, shape: [Int])], metadata: OrderedDictionary<String, String> = [:]
  ) -> [UInt8] {
    var header: OrderedDictionary<String, JSONValue> = [:]
    if !metadata.isEmpty {
      let sorted = metadata.sorted { $0.key < $1.key }
      header[metadataKey] = .object(
        OrderedDictionary(uniqueKeysWithValues: sorted.map { ($0.key, .string($0.value)) }))
    }
    var offset = 0
    for (name, shape) in tensors {
      let end = offset + 4 * shape.reduce(1, *)
      header[name] = [
        "dtype": "F32", "shape": .array(shape.map { .integer($0) }),
        "data_offsets": [.integer(offset), .integer(end)],
      ]
      offset = end
    }
    var text = Array(JSONValue.object(header).text.utf8)
    text.append(contentsOf: repeatElement(0x20, count: (8 - text.count % 8) % 8))
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }

  /// The bytes of elements as they follow the header.
  public static func bytes(of elements: [Float]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * elements.count)
    TensorBytes.append(elements, to: &bytes)
    return bytes
  }

  /// The elements in such bytes.
  public static func elements(of bytes: ArraySlice<UInt8>) -> [Float] {
    TensorBytes.decode(bytes, .float32).elements
  }

  /// The contents of a file; throws `weights.…` with the offset of each fault.
  ///
  /// - Parameter isSkipped: whether the tensor of a name is left out; it may be of 64-bit integers.
  public static func decode(
    _ bytes: [UInt8], path: String, skipping isSkipped: @escaping (String) -> Bool = { _ in false }
  ) throws(Failure) -> Contents {
    try SafetensorsDecoder(
      bytes: bytes, fault: FileFault(.weights, path: path), isSkipped: isSkipped
    ).decode()
  }
}

/// One decoding of a safetensors file.
private struct SafetensorsDecoder {
  let bytes: [UInt8]
  let fault: FileFault
  let isSkipped: (String) -> Bool

  /// A tensor's entry in the header, checked against the file's size.
  private struct Entry {
    let name: String
    /// Nil for a tensor that is left out.
    let type: TensorBytes.ElementType?
    let shape: [Int]
    /// Offsets in the file.
    let range: Range<Int>
    /// The offset of the entry in the header.
    let offset: Int
  }

  func decode() throws(Failure) -> Safetensors.Contents {
    let headerEnd = try headerEnd()
    let header: LocatedJSON
    do {
      header = try JSONParser.parse(bytes[8..<headerEnd])
    } catch {
      throw fault("header", "the header is not valid JSON: \(error.message)", at: error.offset)
    }
    guard let object = header.object else {
      throw fault("header", "the header must be a JSON object", at: header.offset)
    }
    var metadata: OrderedDictionary<String, String> = [:]
    var entries: [Entry] = []
    var faults: [Diagnostic] = []
    for item in object {
      do throws(Failure) {
        if item.key == Safetensors.metadataKey {
          metadata = try self.metadata(item.value)
        } else {
          entries.append(try entry(item, dataStart: headerEnd))
        }
      } catch { faults.append(contentsOf: error.diagnostics) }
    }
    guard faults.isEmpty else { throw Failure(faults) }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    try checkLayout(entries, dataStart: headerEnd)
    return Safetensors.Contents(tensors: try tensors(entries), metadata: metadata)
  }

  /// The offset of the first element.
  private func headerEnd() throws(Failure) -> Int {
    guard bytes.count >= 8 else {
      throw fault(
        "truncated",
        "a safetensors file starts with a length of 8 bytes, found \(bytes.count) bytes",
        at: bytes.count)
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else {
      throw fault(
        "header-length",
        "the header has a length of \(length) bytes, but only \(bytes.count - 8) follow", at: 0)
    }
    return 8 + Int(length)
  }

  private func metadata(_ value: LocatedJSON) throws(Failure) -> OrderedDictionary<String, String> {
    guard let object = value.object else {
      throw fault("metadata", "'__metadata__' must be an object of strings", at: value.offset)
    }
    var metadata: OrderedDictionary<String, String> = [:]
    for entry in object {
      guard let text = entry.value.string else {
        throw fault(
          "metadata", "'\(entry.key)' in '__metadata__' must be a string", at: entry.value.offset)
      }
      metadata[entry.key] = text
    }
    return metadata
  }

  private func entry(_ item: LocatedJSON.Entry, dataStart: Int) throws(Failure) -> Entry {
    let name = item.key
    for key in item.value.object ?? [] where !["dtype", "shape", "data_offsets"].contains(key.key) {
      throw fault("header", "'\(name)' has an unknown key '\(key.key)'", at: key.offset)
    }
    guard let typeName = item.value["dtype"]?.string,
      let extents = item.value["shape"]?.array,
      let offsets = item.value["data_offsets"]?.array
    else {
      throw fault(
        "header", "'\(name)' must have a 'dtype', a 'shape' and 'data_offsets'", at: item.offset)
    }
    let isCounter = typeName == "I64" && isSkipped(name)
    let type = isCounter ? nil : try elementType(typeName, name, at: item.offset)
    let elementSize = type?.size ?? MemoryLayout<Int64>.size
    let shape = extents.compactMap(\.integer)
    guard shape.count == extents.count, let count = shape.checkedProduct,
      !count.multipliedReportingOverflow(by: elementSize).overflow
    else {
      throw fault(
        "shape",
        "the shape of '\(name)' must be non-negative integers whose product fits in 64 bits",
        at: item.offset)
    }
    let size = count * elementSize
    let available = bytes.count - dataStart
    guard offsets.count == 2, let begin = offsets[0].integer, let end = offsets[1].integer,
      0 <= begin, begin <= end, end <= available
    else {
      throw fault(
        "offsets",
        "the data offsets of '\(name)' must be two ascending integers from 0 to \(available)",
        at: item.offset)
    }
    guard end - begin == size else {
      throw fault(
        "size",
        "'\(name)' of shape \(shape.shapeText) needs \(size) bytes, but its offsets span \(end - begin)",
        at: item.offset)
    }
    return Entry(
      name: name, type: isSkipped(name) ? nil : type, shape: shape,
      range: dataStart + begin..<dataStart + end,
      offset: item.offset)
  }

  private func elementType(
    _ typeName: String, _ name: String, at offset: Int
  ) throws(Failure) -> TensorBytes.ElementType {
    switch typeName {
    case "F32": return .float32
    case "F64": return .float64
    default:
      throw fault(
        "element-type", "'\(name)' must be F32 or F64, found \(typeName)", at: offset,
        help: "convert it to float32, or leave it out if the network has no such parameter")
    }
  }

  /// Tensors must be contiguous up to the end of the file.
  private func checkLayout(_ entries: [Entry], dataStart: Int) throws(Failure) {
    var end = dataStart
    for entry in entries {
      guard entry.range.lowerBound == end else {
        let relation = entry.range.lowerBound < end ? "overlaps" : "leaves a gap after"
        throw fault(
          "layout", "'\(entry.name)' \(relation) the tensor before it", at: entry.range.lowerBound)
      }
      end = entry.range.upperBound
    }
    guard end == bytes.count else {
      throw fault(
        "trailing-bytes", "found \(bytes.count - end) bytes after the last tensor",
        at: end)
    }
  }

  private func tensors(_ entries: [Entry]) throws(Failure) -> OrderedDictionary<String, HostTensor>
  {
    var tensors: OrderedDictionary<String, HostTensor> = [:]
    var faults: [Diagnostic] = []
    for entry in entries {
      guard let type = entry.type else { continue }
      let (elements, notFinite) = TensorBytes.decode(bytes[entry.range], type)
      if let notFinite {
        faults.append(
          fault.diagnostic(
            "not-finite", "'\(entry.name)' must be finite in float32", at: notFinite))
      }
      tensors[entry.name] = HostTensor(entry.shape, elements)
    }
    guard faults.isEmpty else { throw Failure(faults) }
    return tensors
  }
}
