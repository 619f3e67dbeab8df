import Diagnostics
import FileFormats
import ModelIR

/// The arrays of an npz file, taken out by name.
struct NPZArchive {
  /// An array in C order.
  struct Member {
    let name: String
    let extents: [Int]
    let element: ElementType
    let source: any ByteSource
    /// The offset of the elements in the source.
    let start: Int
    /// The offset in the file, for messages.
    let offset: Int
  }

  /// The file.
  let file: DataFile
  /// The names of its arrays, sorted.
  let names: [String]
  private let archive: ZipArchive
  private let workspace: any ByteWorkspace
  /// Bytes to which further entries may expand.
  private var budget: Int

  /// Reads the directory; throws `data.zip…`.
  init(_ file: DataFile, in workspace: any ByteWorkspace) throws(Failure) {
    self.file = file
    self.workspace = workspace
    archive = try ZipArchive(file.source, FileFault(.data, path: file.path))
    names = archive.entries.map(\.name).filter { $0.hasSuffix(".npy") }.map {
      String($0.dropLast(4))
    }
    .sorted()
    budget = Inflation.limit(forCompressed: file.source.count)
  }

  /// An array of one of the ranks; throws `data.…`.
  mutating func array(_ name: String, ranks: ClosedRange<Int>) throws(Failure) -> Member {
    let found = archive.entries.filter { $0.name == name + ".npy" }
    guard let entry = found.first else {
      throw file.fault(
        "missing-array", "the file has no array \(name.quoted)", at: 0,
        help: Suggestion.help(for: name, in: names, kind: "there are"))
    }
    guard found.count == 1 else {
      throw file.fault("duplicate-array", "'\(name)' stands twice in the file", at: entry.offset)
    }
    let contents = try archive.contents(of: entry, limit: budget, in: workspace)
    budget -= contents.count
    switch try NPYHeader.read(contents) {
    case .failure(let fault):
      throw file.fault("array", "'\(name)' \(fault.message)", at: entry.offset)
    case .success(let header):
      let member = try member(name, header, contents, ranks: ranks, at: entry.offset)
      try checkFinite(member)
      return member
    }
  }

  private func member(
    _ name: String, _ header: NPYHeader, _ source: any ByteSource, ranks: ClosedRange<Int>,
    at offset: Int
  ) throws(Failure) -> Member {
    guard let element = ElementType(numpy: header.description) else {
      throw file.fault(
        "element-type",
        "'\(name)' must be of little-endian integers or floats, found '\(header.description)'",
        at: offset)
    }
    guard ranks.contains(header.shape.count), !header.shape.contains(0) else {
      throw file.fault(
        "rank",
        "'\(name)' must have \(ranks.lowerBound) to \(ranks.upperBound) axes of at least 1, found "
          + header.shape.shapeText, at: offset)
    }
    guard let count = header.shape.checkedProduct,
      !count.multipliedReportingOverflow(by: element.size).overflow,
      count * element.size == source.count - header.start
    else {
      throw file.fault(
        "array",
        "'\(name)' of \(header.shape.shapeText) does not fit its \(source.count - header.start) bytes",
        at: offset)
    }
    guard !header.isFortran || header.shape.count == 1 else {
      throw file.fault(
        "array-order", "'\(name)' must be in C order, found Fortran order", at: offset,
        help: "save numpy.ascontiguousarray of it")
    }
    return Member(
      name: name, extents: header.shape, element: element, source: source, start: header.start,
      offset: offset)
  }

  private func checkFinite(_ array: Member) throws(Failure) {
    guard array.element.mayOverflow else { return }
    let size = array.element.size
    try array.source.forEachPiece(
      of: array.start..<array.source.count, size: size << 15
    ) { piece, offset throws(Failure) in
      let wrong = piece.withUnsafeBytes { raw in
        stride(from: 0, to: raw.count, by: size)
          .first { !Float(array.element.value(at: $0, of: raw)).isFinite }
      }
      guard let wrong else { return }
      throw file.fault(
        "not-finite",
        "'\(array.name)' must be finite in float32, element "
          + "\((offset + wrong - array.start) / size) is not", at: array.offset)
    }
  }
}

extension ElementType {
  /// The type that NumPy describes so; nil for others, big-endian ones among them.
  fileprivate init?(numpy description: String) {
    switch description {
    case "|u1": self = .uint8
    case "|i1": self = .int8
    case "<u2": self = .uint16
    case "<i2": self = .int16
    case "<u4": self = .uint32
    case "<i4": self = .int32
    case "<u8": self = .uint64
    case "<i8": self = .int64
    case "<f4": self = .float32
    case "<f8": self = .float64
    default: return nil
    }
  }
}
