import CZlib
import Diagnostics

/// The entries of a zip archive (APPNOTE 6.3), as the central directory lists them.
///
/// Stored and deflated entries are read; encryption, other methods, several disks and the 64-bit
/// extension's sizes are refused.
struct ZipArchive {
  /// One entry.
  struct Entry {
    let name: String
    /// Of its local header.
    let offset: Int
    let isDeflated: Bool
    let checkSum: UInt32
    let compressedSize: Int
    let size: Int
  }

  /// The entries in the directory's order.
  let entries: [Entry]
  private let bytes: [UInt8]
  private let fault: WeightsFault

  /// Reads the directory; throws `weights.zip…`.
  init(_ bytes: [UInt8], _ fault: WeightsFault) throws(Failure) {
    self.bytes = bytes
    self.fault = fault
    let end = try Self.findEnd(bytes, fault)
    let count = Self.word(bytes, end + 10)
    var position = Self.long(bytes, end + 16)
    guard count != 0xFFFF, position != 0xFFFF_FFFF else {
      throw fault("zip-unsupported", "the 64-bit zip extension is not read", at: end)
    }
    guard Self.word(bytes, end + 4) == 0, Self.word(bytes, end + 8) == count else {
      throw fault("zip-unsupported", "an archive over several disks is not read", at: end)
    }
    var entries: [Entry] = []
    for _ in 0..<count {
      let (entry, next) = try Self.entry(bytes, at: position, before: end, fault)
      entries.append(entry)
      position = next
    }
    guard position == end else {
      throw fault("zip", "the directory must end where its end record starts", at: position)
    }
    self.entries = entries
  }

  /// An entry's bytes, their check sum verified; throws `weights.zip…`.
  func contents(of entry: Entry, limit: Int) throws(Failure) -> [UInt8] {
    let start = try dataStart(of: entry)
    guard entry.compressedSize <= bytes.count - start else {
      throw fault("zip-truncated", "'\(entry.name)' ends after the file", at: entry.offset)
    }
    guard entry.size <= limit else {
      throw fault(
        "zip-expansion",
        "entries may expand to \(limit) more bytes here, '\(entry.name)' declares \(entry.size)",
        at: entry.offset)
    }
    let data = bytes[start..<start + entry.compressedSize]
    let contents = entry.isDeflated ? try inflated(data, entry) : Array(data)
    guard contents.count == entry.size else {
      throw fault(
        "zip-size", "'\(entry.name)' declares \(entry.size) bytes, found \(contents.count)",
        at: entry.offset)
    }
    guard Self.checkSum(contents) == entry.checkSum else {
      throw fault("zip-checksum", "the check sum of '\(entry.name)' is wrong", at: entry.offset)
    }
    return contents
  }

  private func inflated(_ data: ArraySlice<UInt8>, _ entry: Entry) throws(Failure) -> [UInt8] {
    var output: [UInt8] = []
    let inflation = Inflation(data, .none, into: &output, limit: entry.size)
    guard inflation.outcome == .complete, inflation.consumed == data.count else {
      throw fault(
        "zip-corrupt", "the deflated bytes of '\(entry.name)' are corrupt",
        at: data.startIndex + inflation.consumed)
    }
    return output
  }

  private func dataStart(of entry: Entry) throws(Failure) -> Int {
    let offset = entry.offset
    guard offset <= bytes.count - 30, Self.long(bytes, offset) == 0x0403_4B50 else {
      throw fault("zip", "'\(entry.name)' has no local header here", at: offset)
    }
    let start = offset + 30 + Self.word(bytes, offset + 26) + Self.word(bytes, offset + 28)
    guard start <= bytes.count else {
      throw fault("zip-truncated", "'\(entry.name)' ends after the file", at: offset)
    }
    return start
  }
}

extension ZipArchive {
  /// The offset of the end record: the last place where its length fits the rest of the file.
  private static func findEnd(_ bytes: [UInt8], _ fault: WeightsFault) throws(Failure) -> Int {
    let last = bytes.count - 22
    let first = max(0, last - 0xFFFF)
    for offset in stride(from: last, through: first, by: -1)
    where long(bytes, offset) == 0x0605_4B50 && word(bytes, offset + 20) == last - offset {
      return offset
    }
    throw fault("zip-truncated", "the archive has no end record", at: bytes.count)
  }

  private static func entry(
    _ bytes: [UInt8], at offset: Int, before end: Int, _ fault: WeightsFault
  ) throws(Failure) -> (entry: Entry, next: Int) {
    guard offset <= end - 46, long(bytes, offset) == 0x0201_4B50 else {
      throw fault("zip", "the directory has no entry here", at: min(offset, end))
    }
    let nameEnd = offset + 46 + word(bytes, offset + 28)
    let next = nameEnd + word(bytes, offset + 30) + word(bytes, offset + 32)
    guard next <= end, let name = String(validating: bytes[offset + 46..<nameEnd], as: UTF8.self)
    else { throw fault("zip", "the directory's entry is malformed", at: offset) }
    let method = word(bytes, offset + 10)
    guard method == 0 || method == 8, word(bytes, offset + 8) & 1 == 0 else {
      throw fault(
        "zip-unsupported", "'\(name)' must be stored or deflated and not encrypted", at: offset)
    }
    let sizes = [20, 24, 42].map { long(bytes, offset + $0) }
    guard !sizes.contains(0xFFFF_FFFF) else {
      throw fault("zip-unsupported", "the 64-bit zip extension is not read", at: offset)
    }
    guard sizes[2] <= end else {
      throw fault("zip", "the local header of '\(name)' lies beyond the file", at: offset)
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

  private static func checkSum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBufferPointer { buffer in
      UInt32(crc32_z(0, buffer.baseAddress, buffer.count))
    }
  }
}
