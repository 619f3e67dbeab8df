import Diagnostics
import OrderedCollections
import TensorGraph

/// One decoding of a safetensors file.
struct SafetensorsDecoder {
  let bytes: [UInt8]
  let fault: FileFault

  /// A tensor's entry in the header, checked against the file's size.
  private struct Entry {
    let name: String
    let type: TensorBytes.ElementType
    let shape: [Int]
    /// Offsets in the file.
    let range: Range<Int>
    /// Of the entry in the header.
    let offset: Int
  }

  func decode() throws(Failure) -> Safetensors.Contents {
    let headerEnd = try headerEnd()
    let header: LocatedJSON
    do {
      header = try JSONParser.parse(bytes[8..<headerEnd])
    } catch {
      throw fault("header", "the header is no JSON: \(error.message)", at: error.offset)
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
        "a safetensors file starts with 8 bytes of length, the file has \(bytes.count)",
        at: bytes.count)
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else {
      throw fault(
        "header-length",
        "the header's length is \(length) bytes, the file has \(bytes.count - 8) after it", at: 0)
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
    let type = try elementType(typeName, name, at: item.offset)
    let shape = extents.compactMap(\.integer)
    guard shape.count == extents.count, let count = shape.checkedProduct,
      !count.multipliedReportingOverflow(by: type.size).overflow
    else {
      throw fault(
        "shape", "the shape of '\(name)' must be integers from 0 whose product fits 64 bits",
        at: item.offset)
    }
    let size = count * type.size
    let available = bytes.count - dataStart
    guard offsets.count == 2, let begin = offsets[0].integer, let end = offsets[1].integer,
      0 <= begin, begin <= end, end <= available
    else {
      throw fault(
        "offsets",
        "the data offsets of '\(name)' must be two ascending numbers up to \(available)",
        at: item.offset)
    }
    guard end - begin == size else {
      throw fault(
        "size",
        "'\(name)' of \(shape.shapeText) needs \(size) bytes, its offsets span \(end - begin)",
        at: item.offset)
    }
    return Entry(
      name: name, type: type, shape: shape, range: dataStart + begin..<dataStart + end,
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

  /// Tensors must follow one another without overlap or gap up to the end of the file.
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
        "trailing-bytes", "the tensors end before the file, \(bytes.count - end) bytes are unused",
        at: end)
    }
  }

  private func tensors(_ entries: [Entry]) throws(Failure) -> OrderedDictionary<String, HostTensor>
  {
    var tensors: OrderedDictionary<String, HostTensor> = [:]
    var faults: [Diagnostic] = []
    for entry in entries {
      let (elements, notFinite) = TensorBytes.decode(bytes[entry.range], entry.type)
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
