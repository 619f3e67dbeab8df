import FileFormats

/// A tensor in an ONNX file, with its elements in row-major order.
struct ONNXConstant {
  /// The elements: real ones as float32, others as integers.
  enum Elements {
    case real([Float])
    case integer([Int])
  }

  /// Why a tensor cannot be read; a phrase after its name.
  struct Fault: Error { let reason: String }

  let shape: [Int]
  let elements: Elements
  /// Whether elements were rounded to float32.
  let isRounded: Bool

  init(shape: [Int], _ elements: Elements) {
    (self.shape, self.elements, isRounded) = (shape, elements, false)
  }

  /// Reads a tensor of float32, float64 (rounded), float16, bfloat16, integers or Booleans.
  ///
  /// - Parameter external: the tensor's bytes, if they are in another file.
  init(_ tensor: ProtoTensor, external: [UInt8]?) throws(Fault) {
    shape = tensor.dims.map { Int($0) }
    guard let count = shape.checkedProduct else {
      throw Fault(reason: "has the extents \(shape.shapeText)")
    }
    let found = try Self.elements(tensor, external ?? [UInt8](tensor.rawData))
    (elements, isRounded) = (found.elements, found.isRounded)
    guard self.count == count else {
      throw Fault(reason: "has \(self.count) elements for the extents \(shape.shapeText)")
    }
  }

  /// The number of elements.
  var count: Int {
    switch elements {
    case .real(let elements): elements.count
    case .integer(let elements): elements.count
    }
  }

  /// Real elements; integers are converted.
  var real: [Float] {
    switch elements {
    case .real(let elements): elements
    case .integer(let elements): elements.map { Float($0) }
    }
  }

  /// Integer elements; nil if they are real.
  var integers: [Int]? {
    if case .integer(let elements) = elements { elements } else { nil }
  }

  private static func elements(
    _ tensor: ProtoTensor, _ raw: [UInt8]
  ) throws(Fault) -> (elements: Elements, isRounded: Bool) {
    switch tensor.dataType {
    case 1:
      return (.real(raw.isEmpty ? tensor.floatData : try numbers(raw, Float.init(bits:))), false)
    case 11:
      let wide = raw.isEmpty ? tensor.doubleData : try numbers(raw, Double.init(bitPattern:))
      let narrow = wide.map { Float($0) }
      return (.real(narrow), zip(narrow, wide).contains { Double($0) != $1 && !$1.isNaN })
    case 10: return (.real(try halves(tensor, raw).map { Float(half: $0) }), false)
    case 16:
      return (.real(try halves(tensor, raw).map { Float(bitPattern: UInt32($0) << 16) }), false)
    case 6:
      return (.integer(try integers(raw, Int32.self) ?? tensor.int32Data.map(Int.init)), false)
    case 7:
      return (.integer(try integers(raw, Int64.self) ?? tensor.int64Data.map { Int($0) }), false)
    case 9, 3:
      return (.integer(try integers(raw, Int8.self) ?? tensor.int32Data.map(Int.init)), false)
    case 2:
      return (.integer(try integers(raw, UInt8.self) ?? tensor.int32Data.map(Int.init)), false)
    case let type: throw Fault(reason: "has the element type \(type), which lmtc does not read")
    }
  }

  private static func halves(_ tensor: ProtoTensor, _ raw: [UInt8]) throws(Fault) -> [UInt16] {
    raw.isEmpty
      ? tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) } : try numbers(raw) { $0 }
  }

  private static func integers<Stored: FixedWidthInteger>(
    _ raw: [UInt8], _ type: Stored.Type
  ) throws(Fault) -> [Int]? {
    raw.isEmpty ? nil : try numbers(raw) { (bits: Stored) in Int(truncatingIfNeeded: bits) }
  }

  /// Little-endian numbers.
  private static func numbers<Bits: FixedWidthInteger, Number>(
    _ raw: [UInt8], _ number: (Bits) -> Number
  ) throws(Fault) -> [Number] {
    let size = Bits.bitWidth / 8
    guard raw.count % size == 0 else { throw Fault(reason: "has \(raw.count) bytes") }
    return raw.withUnsafeBytes { bytes in
      stride(from: 0, to: raw.count, by: size).map { place in
        number(Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Bits.self)))
      }
    }
  }
}

extension Float {
  fileprivate init(bits: UInt32) { self.init(bitPattern: bits) }

  /// The number with the bits of an IEEE binary16.
  fileprivate init(half bits: UInt16) {
    let (exponent, fraction) = (Int(bits >> 10) & 31, Float(bits & 1023))
    let magnitude: Float =
      switch exponent {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      default: Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
      }
    self = bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}
