/// The tensors of a safetensors file: float32 only.
struct TensorFile {
  /// A tensor.
  struct Tensor: Sendable {
    let shape: [Int]
    let elements: [Float]
  }

  /// By name.
  private(set) var tensors: [String: Tensor] = [:]

  /// Reads a file.
  init(_ bytes: [UInt8], file: String) throws(Refusal) {
    func fault(_ message: String) -> Refusal {
      Refusal(.malformed, message, at: .init(file: file))
    }
    guard bytes.count >= 8 else { throw fault("too short for a safetensors file") }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else { throw fault("the header is truncated") }
    let start = 8 + Int(length)
    for (name, entry) in try EntryReader.read(bytes[8..<start], file: file).pairs
    where name != "__metadata__" {
      var (shape, offsets): ([Int], [Int]) = ([], [])
      for extent in try entry("shape").elements { shape.append(try extent.integer) }
      for offset in try entry("data_offsets").elements { offsets.append(try offset.integer) }
      var size = 4
      for extent in shape {
        let (next, overflow) = size.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else { throw fault("'\(name)' has an invalid shape") }
        size = next
      }
      guard try entry("dtype").string == "F32", offsets.count == 2, offsets[0] >= 0,
        offsets[0] <= offsets[1], offsets[1] <= bytes.count - start, offsets[1] - offsets[0] == size
      else { throw fault("'\(name)' must be F32 and lie within the file") }
      var elements: [Float] = []
      elements.reserveCapacity(size / 4)
      for at in stride(from: start + offsets[0], to: start + offsets[1], by: 4) {
        var bits = UInt32(0)
        for byte in bytes[at..<at + 4].reversed() { bits = bits << 8 | UInt32(byte) }
        elements.append(Float(bitPattern: bits))
      }
      guard elements.allSatisfy({ $0.isFinite }) else {
        throw fault("'\(name)' must have finite elements")
      }
      tensors[name] = Tensor(shape: shape, elements: elements)
    }
  }
}
