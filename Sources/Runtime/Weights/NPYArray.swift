import Execution

/// NumPy's npy format, versions 1 to 3: magic, a Python dictionary as header, the elements.
///
/// Little-endian float32, and float64 rounded to it, in C or Fortran order.
/// Reference: NumPy enhancement proposal 1 and the documentation of `numpy.lib.format`.
enum NPYArray {
  /// What is wrong, to be put after the array's name.
  struct Fault: Error {
    let rule: String
    let message: String
  }

  /// The array in a file's bytes.
  static func decode(_ bytes: [UInt8]) throws(Fault) -> HostTensor {
    let (header, start) = try split(bytes)
    let type: TensorBytes.ElementType
    switch header.description {
    case "<f4": type = .float32
    case "<f8": type = .float64
    default:
      throw Fault(
        rule: "element-type",
        message: "must have elements '<f4' or '<f8', found '\(header.description)'")
    }
    guard let count = header.shape.checkedProduct,
      !count.multipliedReportingOverflow(by: type.size).overflow,
      count * type.size == bytes.count - start
    else {
      throw Fault(
        rule: "size",
        message: "of \(header.shape.shapeText) does not fit its \(bytes.count - start) bytes")
    }
    let (elements, notFinite) = TensorBytes.decode(bytes[start...], type)
    guard notFinite == nil else {
      throw Fault(rule: "not-finite", message: "must be finite in float32")
    }
    let ordered = header.isFortran ? transposed(elements, header.shape) : elements
    return HostTensor(header.shape, ordered)
  }

  /// The header and the offset of the elements.
  private static func split(_ bytes: [UInt8]) throws(Fault) -> (header: NPYHeader, start: Int) {
    guard bytes.starts(with: [0x93] + Array("NUMPY".utf8)), bytes.count >= 12,
      (1...3).contains(bytes[6])
    else { throw Fault(rule: "format", message: "is no npy array of version 1 to 3") }
    let lengthSize = bytes[6] == 1 ? 2 : 4
    let length = bytes[8..<8 + lengthSize].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + lengthSize + length
    guard start <= bytes.count else {
      throw Fault(rule: "truncated", message: "ends within its npy header")
    }
    guard let header = NPYHeader(bytes[(8 + lengthSize)..<start]) else {
      throw Fault(rule: "header", message: "has a malformed npy header")
    }
    return (header, start)
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
