import Diagnostics

/// Arrays of numbers in a MATLAB 5 file, plain or compressed, as MATLAB's formats 6 and 7 write them.
///
/// Reference: The MathWorks, MAT-file format, level 5.
public struct MATLABFile {
  /// An array of numbers, column by column.
  public struct Variable: Sendable {
    /// The extents, the first of them varying fastest.
    public let extents: [Int]
    /// How the numbers are stored, independent of their class.
    public let element: ElementType
    /// Where the numbers are.
    public let source: any ByteSource
    /// The offset of the first number.
    public let start: Int
    /// The offset of the variable in the file, for messages.
    public let offset: Int
  }

  /// The requested variables.
  public private(set) var variables: [String: Variable] = [:]
  /// The names of all variables.
  public private(set) var names: [String] = []

  /// The most variables of a file.
  private static let variableLimit = 1000
  private let source: any ByteSource
  private let fault: FileFault
  private let workspace: any ByteWorkspace

  /// Reads the variables with the given names, each at most once in the file; others are skipped.
  ///
  /// Throws with the offset of the fault, in compressed variables with that of the variable.
  public init(
    _ source: any ByteSource, variables wanted: Set<String>, _ fault: FileFault,
    in workspace: any ByteWorkspace
  ) throws(Failure) {
    self.source = source
    self.fault = fault
    self.workspace = workspace
    try checkHeader()
    var offset = 128
    while offset < source.count {
      guard names.count < Self.variableLimit else {
        throw fault(
          "mat-element", "a file can have at most \(Self.variableLimit) variables, found more",
          at: offset)
      }
      guard let element = try MATLABElement.read(source, at: offset) else {
        throw fault("truncated", "an element extends past the end of the file", at: offset)
      }
      switch element.kind {
      case .matrix:
        try add(source, matrixAt: element.start, end: element.start + element.size, wanted, offset)
      case .compressed: try addCompressed(element, wanted, at: offset)
      default:
        throw fault("mat-element", "variables must be matrices, plain or compressed", at: offset)
      }
      offset = element.next
    }
  }

  private func checkHeader() throws(Failure) {
    guard source.count >= 128 else {
      throw fault(
        "truncated", "a MATLAB 5 file has a header of 128 bytes, found \(source.count) bytes",
        at: source.count)
    }
    let marks = try source.bytes(124..<128)
    guard marks[2...].elementsEqual("IM".utf8) else {
      throw fault("mat-byte-order", "the byte order must be little-endian, marked 'IM'", at: 126)
    }
    guard marks[0] == 0, marks[1] == 1 else {
      throw fault(
        "mat-version", "the version must be 1.0, found \(marks[1]).\(marks[0])", at: 124)
    }
  }

  private mutating func addCompressed(
    _ element: MATLABElement, _ wanted: Set<String>, at offset: Int
  ) throws(Failure) {
    let range = element.start..<element.start + element.size
    let peek = MemorySink()
    let start = try Inflation(
      source, range, .zlib, into: peek, limit: MATLABMatrix.headLimit)
    guard start.outcome == .complete || start.outcome == .tooLarge, peek.count >= 8,
      MATLABElement.long(peek.bytes, 0) == MATLABElement.Kind.matrix.rawValue,
      let head = try MATLABMatrix(peek.finish(), at: 8)
    else { throw corrupt(offset) }
    guard wanted.contains(head.name) else {
      names.append(head.name)
      return
    }
    let size = 8 + MATLABElement.long(peek.bytes, 4)
    let limit = Inflation.limit(forCompressed: element.size)
    guard size <= limit else {
      throw fault(
        "mat-expansion",
        "'\(head.name)' declares \(size) bytes, more than the limit of \(limit) for its compressed size",
        at: offset)
    }
    let sink = workspace.makeSink()
    let inflation = try Inflation(source, range, .zlib, into: sink, limit: size)
    guard inflation.outcome == .complete, sink.count == size else { throw corrupt(offset) }
    let contents = try sink.finish()
    try add(contents, matrixAt: 8, end: size, wanted, offset)
  }

  /// Adds the matrix whose data are in a range of a source.
  private mutating func add(
    _ source: any ByteSource, matrixAt start: Int, end: Int, _ wanted: Set<String>, _ offset: Int
  ) throws(Failure) {
    let body = SourceSlice(source, start..<end)
    guard let head = try MATLABMatrix(body, at: 0) else {
      throw fault("mat-element", "the matrix is malformed", at: offset)
    }
    names.append(head.name)
    guard wanted.contains(head.name) else { return }
    guard variables[head.name] == nil else {
      throw fault("duplicate-array", "duplicate variable '\(head.name)'", at: offset)
    }
    guard head.isNumeric else {
      throw fault(
        "mat-class", "'\(head.name)' must be a full, real array of numbers", at: offset)
    }
    guard let numbers = try MATLABElement.read(body, at: head.next),
      let element = numbers.kind?.element, let count = head.extents.checkedProduct,
      !count.multipliedReportingOverflow(by: element.size).overflow,
      count * element.size == numbers.size
    else {
      throw fault(
        "mat-element",
        "the numbers of '\(head.name)' do not fit its shape \(head.extents.shapeText)",
        at: offset)
    }
    variables[head.name] = Variable(
      extents: head.extents, element: element, source: body, start: numbers.start, offset: offset)
  }

  private func corrupt(_ offset: Int) -> Failure {
    fault("mat-corrupt", "the compressed variable is corrupt", at: offset)
  }
}

/// The head of a matrix in a MATLAB 5 file: class, extents and name, which precedes its numbers.
private struct MATLABMatrix {
  /// Bytes of the longest head that is read; MATLAB's own names have at most 63.
  static let headLimit = 1024

  let name: String
  let extents: [Int]
  /// Whether the matrix is a full, real array of numbers.
  let isNumeric: Bool
  /// The offset of the element with the numbers.
  let next: Int

  /// Reads the head of the matrix whose data begin at an offset; nil if it is malformed.
  init?(_ source: any ByteSource, at offset: Int) throws(Failure) {
    guard let flags = try MATLABElement.read(source, at: offset), flags.kind == .uint32,
      flags.size == 8,
      let extents = try MATLABElement.read(source, at: flags.next), extents.kind == .int32,
      extents.size % 4 == 0, (8...128).contains(extents.size),
      let name = try MATLABElement.read(source, at: extents.next), name.kind == .int8,
      name.size <= 512
    else { return nil }
    let word = MATLABElement.long(try source.bytes(flags.start..<flags.start + 4), 0)
    isNumeric = (6...15).contains(word & 0xFF) && word & 0x0800 == 0
    let numbers = try source.bytes(extents.start..<extents.start + extents.size)
    self.extents = stride(from: 0, to: extents.size, by: 4).map { MATLABElement.long(numbers, $0) }
    let text = try source.bytes(name.start..<name.start + name.size)
    self.name = String(decoding: text, as: UTF8.self)
    next = name.next
    // An extent is a signed number.
    guard self.extents.allSatisfy({ $0 < 1 << 31 }) else { return nil }
  }
}

/// The tag of a data element of a MATLAB 5 file, and where its data are.
private struct MATLABElement {
  /// What a data element contains, with the format's numbers.
  enum Kind: Int {
    case int8 = 1, uint8, int16, uint16, int32, uint32, single
    case double = 9
    case int64 = 12, uint64, matrix, compressed

    /// The elements of an array of this kind; nil for anything but an array of numbers.
    var element: ElementType? {
      switch self {
      case .int8: .int8
      case .uint8: .uint8
      case .int16: .int16
      case .uint16: .uint16
      case .int32: .int32
      case .uint32: .uint32
      case .single: .float32
      case .double: .float64
      case .int64: .int64
      case .uint64: .uint64
      case .matrix, .compressed: nil
      }
    }
  }

  /// Nil for a number that the format does not define.
  let kind: Kind?
  /// The offset of the data.
  let start: Int
  /// Bytes of data.
  let size: Int
  /// The offset of the element after this one, at a multiple of 8 bytes.
  let next: Int

  /// Reads the tag at an offset, short form included; nil if it or its data extend past the end of the source.
  static func read(_ source: any ByteSource, at offset: Int) throws(Failure) -> MATLABElement? {
    guard offset + 8 <= source.count else { return nil }
    let tag = try source.bytes(offset..<offset + 8)
    let (first, second) = (long(tag, 0), long(tag, 4))
    // The short form has the size in the upper half and the data in place of the size.
    if first >> 16 != 0 {
      guard first >> 16 <= 4 else { return nil }
      return MATLABElement(
        kind: Kind(rawValue: first & 0xFFFF), start: offset + 4, size: first >> 16,
        next: offset + 8)
    }
    let kind = Kind(rawValue: first)
    let end = offset + 8 + second
    let padding = kind == .compressed ? 0 : (8 - second % 8) % 8
    guard end <= source.count else { return nil }
    return MATLABElement(kind: kind, start: offset + 8, size: second, next: end + padding)
  }

  /// A little-endian 32-bit integer.
  static func long(_ bytes: [UInt8], _ offset: Int) -> Int {
    bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
