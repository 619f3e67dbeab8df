import Diagnostics

/// Arrays of numbers in a MATLAB 5 file, plain or compressed, as MATLAB's formats 6 and 7 write them.
///
/// Reference: The MathWorks, MAT-file format, level 5.
public struct MATLABFile {
  /// An array of numbers, column by column.
  public struct Variable: Sendable {
    /// The extents, the first of them varying fastest.
    public let extents: [Int]
    /// How the numbers are stored, whatever their class.
    public let element: ElementType
    /// Where they are.
    public let source: any ByteSource
    /// The offset of the first.
    public let start: Int
    /// The offset of the variable in the file, for messages.
    public let offset: Int
  }

  /// The variables that were asked for.
  public private(set) var variables: [String: Variable] = [:]
  /// The names of all.
  public private(set) var names: [String] = []

  /// No more variables are looked at.
  private static let variableLimit = 1000
  private let source: any ByteSource
  private let fault: FileFault
  private let workspace: any ByteWorkspace

  /// Reads the variables of some names, each at most once in the file; others are passed over.
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
          "mat-element", "a file may have \(Self.variableLimit) variables, here is one more",
          at: offset)
      }
      guard let element = try MATLABElement.read(source, at: offset) else {
        throw fault("truncated", "an element ends after the file", at: offset)
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
        "truncated", "a MATLAB 5 file starts with 128 bytes, the file has \(source.count)",
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
        "'\(head.name)' may expand to \(limit) bytes here and declares \(size)", at: offset)
    }
    let sink = workspace.makeSink()
    let inflation = try Inflation(source, range, .zlib, into: sink, limit: size)
    guard inflation.outcome == .complete, sink.count == size else { throw corrupt(offset) }
    let contents = try sink.finish()
    try add(contents, matrixAt: 8, end: size, wanted, offset)
  }

  /// Takes up the matrix whose data stand in a range of a source.
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
      throw fault("duplicate-array", "'\(head.name)' stands twice in the file", at: offset)
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
        "mat-element", "the numbers of '\(head.name)' do not fit its \(head.extents.shapeText)",
        at: offset)
    }
    variables[head.name] = Variable(
      extents: head.extents, element: element, source: body, start: numbers.start, offset: offset)
  }

  private func corrupt(_ offset: Int) -> Failure {
    fault("mat-corrupt", "the compressed variable is corrupt", at: offset)
  }
}
