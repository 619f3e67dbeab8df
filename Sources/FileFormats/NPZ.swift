import Diagnostics
import TensorGraph

/// NumPy's npz: a zip archive of npy arrays, stored or deflated.
///
/// The key of a tensor is its entry's name without `.npy`.
public enum NPZ {
  /// The arrays of a file; throws `weights.…` with the offset of the fault.
  ///
  /// - Parameter isSkipped: whether the array of a name is left out; it may be of any type.
  public static func decode(
    _ bytes: [UInt8], path: String, skipping isSkipped: (String) -> Bool = { _ in false }
  ) throws(Failure) -> [String: HostTensor] {
    let fault = FileFault(.weights, path: path)
    let archive = try ZipArchive(MemorySource(bytes), fault)
    var budget = Inflation.limit(forCompressed: bytes.count)
    var tensors: [String: HostTensor] = [:]
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        throw fault(
          "format", "entries of an npz file must end in '.npy', found '\(entry.name)'",
          at: entry.offset,
          help: entry.name.hasSuffix(".pkl")
            ? "this is a PyTorch file: save the tensors with safetensors.torch.save_file" : nil)
      }
      let name = String(entry.name.dropLast(4))
      if isSkipped(name) { continue }
      let contents = try archive.contents(of: entry, limit: budget, in: MemoryWorkspace())
      budget -= contents.count
      guard tensors[name] == nil else {
        throw fault("duplicate", "duplicate array '\(name)'", at: entry.offset)
      }
      switch try NPYArray.decode(contents) {
      case .success(let tensor): tensors[name] = tensor
      case .failure(let error):
        throw fault(error.rule, "'\(name)' \(error.message)", at: entry.offset)
      }
    }
    return tensors
  }
}

/// A weight in NumPy's npy format.
///
/// Little-endian float32, and float64 rounded to it, in C or Fortran order.
private enum NPYArray {
  /// The array in an entry's bytes; a fault's message continues after the array's name.
  static func decode(
    _ source: any ByteSource
  ) throws(Failure) -> Result<HostTensor, NPYHeader.Fault> {
    switch try NPYHeader.read(source) {
    case .failure(let fault): return .failure(fault)
    case .success(let header):
      return elements(try source.bytes(header.start..<source.count)[...], header)
    }
  }

  private static func elements(
    _ bytes: ArraySlice<UInt8>, _ header: NPYHeader
  ) -> Result<HostTensor, NPYHeader.Fault> {
    let type: TensorBytes.ElementType
    switch header.description {
    case "<f4": type = .float32
    case "<f8": type = .float64
    default:
      return .failure(
        .init(
          rule: "element-type",
          message: "must have elements '<f4' or '<f8', found '\(header.description)'"))
    }
    guard let count = header.shape.checkedProduct,
      !count.multipliedReportingOverflow(by: type.size).overflow,
      count * type.size == bytes.count
    else {
      return .failure(
        .init(
          rule: "size",
          message: "of shape \(header.shape.shapeText) does not fit its \(bytes.count) bytes"))
    }
    let (elements, notFinite) = TensorBytes.decode(bytes, type)
    guard notFinite == nil else {
      return .failure(.init(rule: "not-finite", message: "must be finite in float32"))
    }
    let ordered = header.isFortran ? transposed(elements, header.shape) : elements
    return .success(HostTensor(header.shape, ordered))
  }

  /// Column-major elements in row-major order.
  private static func transposed(_ elements: [Float], _ shape: [Int]) -> [Float] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    return elements.indices.map { index in
      var rest = index
      var source = 0
      for axis in shape.indices.reversed() {
        source += rest % shape[axis] * strides[axis]
        rest /= shape[axis]
      }
      return elements[source]
    }
  }
}
