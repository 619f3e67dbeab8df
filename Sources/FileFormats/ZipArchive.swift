import CZlib
import Diagnostics

/// The entries of a zip archive (APPNOTE 6.3) that its central directory lists.
///
/// Stored and deflated entries are read; encryption, other methods, several disks and the sizes
/// of the 64-bit extension are rejected. Faults are `weights.zip…` or `data.zip…`, as the file's area is.
public struct ZipArchive {
  /// One entry.
  public struct Entry: Sendable {
    /// The name with its folders.
    public let name: String
    /// The offset of its local header.
    public let offset: Int
    let isDeflated: Bool
    let checkSum: UInt32
    let compressedSize: Int
    /// The number of uncompressed bytes.
    public let size: Int
  }

  /// Bytes of the largest directory that is read.
  private static let directoryLimit = 16 << 20
  /// The end record's size without its comment.
  private static let endSize = 22

  /// The entries in the directory's order.
  public let entries: [Entry]
  private let source: any ByteSource
  private let fault: FileFault

  /// Reads the directory; throws `….zip…`.
  public init(_ source: any ByteSource, _ fault: FileFault) throws(Failure) {
    self.source = source
    self.fault = fault
    let (record, end) = try Self.findEnd(source, fault)
    let count = Self.word(record, 10)
    let start = Self.long(record, 16)
    guard count != 0xFFFF, start != 0xFFFF_FFFF else {
      throw fault("zip-unsupported", "the 64-bit zip extension is not supported", at: end)
    }
    guard Self.word(record, 4) == 0, Self.word(record, 8) == count else {
      throw fault("zip-unsupported", "archives that span several disks are not supported", at: end)
    }
    guard start <= end, end - start <= Self.directoryLimit else {
      throw fault(
        "zip",
        "the directory must start before its end record and have at most \(Self.directoryLimit) bytes",
        at: end)
    }
    let directory = try source.bytes(start..<end)
    var entries: [Entry] = []
    var position = 0
    for _ in 0..<count {
      let (entry, next) = try Self.entry(directory, at: position, startingAt: start, fault)
      entries.append(entry)
      position = next
    }
    guard position == directory.count else {
      throw fault(
        "zip", "the directory must end where its end record starts", at: start + position)
    }
    self.entries = entries
  }

  /// An entry's bytes, with their checksum verified; throws `….zip…`.
  ///
  /// - Parameters:
  ///   - entry: one of ``entries``.
  ///   - limit: how many bytes it may have.
  ///   - workspace: where decompressed bytes are kept; stored ones are read in place.
  public func contents(
    of entry: Entry, limit: Int, in workspace: any ByteWorkspace
  ) throws(Failure) -> any ByteSource {
    let start = try dataStart(of: entry)
    guard entry.compressedSize <= source.count - start else {
      throw fault(
        "zip-truncated", "'\(entry.name)' extends past the end of the file", at: entry.offset)
    }
    guard entry.size <= limit else {
      throw fault(
        "zip-expansion",
        "'\(entry.name)' declares \(entry.size) bytes, but entries may expand to at most \(limit) more",
        at: entry.offset)
    }
    let range = start..<start + entry.compressedSize
    let contents: any ByteSource =
      entry.isDeflated
      ? try inflated(range, entry, workspace.makeSink()) : SourceSlice(source, range)
    guard contents.count == entry.size else {
      throw fault(
        "zip-size", "'\(entry.name)' declares \(entry.size) bytes, found \(contents.count)",
        at: entry.offset)
    }
    guard try Self.checkSum(contents) == entry.checkSum else {
      throw fault("zip-checksum", "'\(entry.name)' has a wrong checksum", at: entry.offset)
    }
    return contents
  }

  private func inflated(
    _ range: Range<Int>, _ entry: Entry, _ sink: any ByteSink
  ) throws(Failure) -> any ByteSource {
    let inflation = try Inflation(source, range, .none, into: sink, limit: entry.size)
    guard inflation.outcome == .complete, inflation.consumed == range.count else {
      throw fault(
        "zip-corrupt", "the compressed bytes of '\(entry.name)' are corrupt",
        at: range.lowerBound + inflation.consumed)
    }
    return try sink.finish()
  }

  private func dataStart(of entry: Entry) throws(Failure) -> Int {
    let offset = entry.offset
    guard offset <= source.count - 30 else {
      throw fault("zip", "expected the local header of '\(entry.name)'", at: offset)
    }
    let header = try source.bytes(offset..<offset + 30)
    guard Self.long(header, 0) == 0x0403_4B50 else {
      throw fault("zip", "expected the local header of '\(entry.name)'", at: offset)
    }
    let start = offset + 30 + Self.word(header, 26) + Self.word(header, 28)
    guard start <= source.count else {
      throw fault("zip-truncated", "'\(entry.name)' extends past the end of the file", at: offset)
    }
    return start
  }
}

extension ZipArchive {
  /// The end record and its offset: the last place where its length fits the rest of the file.
  private static func findEnd(
    _ source: any ByteSource, _ fault: FileFault
  ) throws(Failure) -> (record: [UInt8], offset: Int) {
    let start = max(0, source.count - endSize - 0xFFFF)
    let tail = try source.bytes(start..<source.count)
    let last = tail.count - endSize
    for offset in stride(from: last, through: 0, by: -1)
    where long(tail, offset) == 0x0605_4B50 && word(tail, offset + 20) == last - offset {
      return (Array(tail[offset...]), start + offset)
    }
    throw fault("zip-truncated", "the archive has no end record", at: source.count)
  }

  /// The entry at an offset of the directory, which itself starts at `start` of the file.
  private static func entry(
    _ bytes: [UInt8], at offset: Int, startingAt start: Int, _ fault: FileFault
  ) throws(Failure) -> (entry: Entry, next: Int) {
    let place = start + offset
    guard offset <= bytes.count - 46, long(bytes, offset) == 0x0201_4B50 else {
      throw fault("zip", "expected a directory entry", at: place)
    }
    let nameEnd = offset + 46 + word(bytes, offset + 28)
    let next = nameEnd + word(bytes, offset + 30) + word(bytes, offset + 32)
    guard next <= bytes.count,
      let name = String(validating: bytes[offset + 46..<nameEnd], as: UTF8.self)
    else { throw fault("zip", "malformed directory entry", at: place) }
    let method = word(bytes, offset + 10)
    guard method == 0 || method == 8, word(bytes, offset + 8) & 1 == 0 else {
      throw fault(
        "zip-unsupported", "'\(name)' must be stored or deflated and not encrypted", at: place)
    }
    let sizes = [20, 24, 42].map { long(bytes, offset + $0) }
    guard !sizes.contains(0xFFFF_FFFF) else {
      throw fault("zip-unsupported", "the 64-bit zip extension is not supported", at: place)
    }
    guard sizes[2] <= start + bytes.count else {
      throw fault("zip", "the local header of '\(name)' is past the end of the file", at: place)
    }
    let entry = Entry(
      name: name, offset: sizes[2], isDeflated: method == 8,
      checkSum: UInt32(long(bytes, offset + 16)), compressedSize: sizes[0], size: sizes[1])
    return (entry, next)
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> Int {
    Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
  }

  private static func long(_ bytes: [UInt8], _ offset: Int) -> Int {
    word(bytes, offset) | word(bytes, offset + 2) << 16
  }

  private static func checkSum(_ source: any ByteSource) throws(Failure) -> UInt32 {
    var sum: UInt = 0
    try source.forEachPiece(of: 0..<source.count) { piece, _ throws(Failure) in
      sum = CheckSum.crc32(piece, after: sum)
    }
    return UInt32(sum)
  }
}

/// CRC-32 as zip, gzip and PNG use it.
enum CheckSum {
  /// The checksum of bytes with checksum `before` followed by these.
  static func crc32(_ bytes: ArraySlice<UInt8>, after before: UInt = 0) -> UInt {
    bytes.withUnsafeBufferPointer { crc32_z(before, $0.baseAddress, $0.count) }
  }
}
