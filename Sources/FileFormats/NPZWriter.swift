/// Writes NumPy's npz: a zip archive of npy arrays, stored.
///
/// Reference: NumPy enhancement proposal 1; APPNOTE 6.3. Equal arrays give equal bytes.
public enum NPZWriter {
  /// One array.
  public struct Entry: Sendable {
    let name: String
    let contents: [UInt8]

    /// An array of float32, `<f4`; the count must fit the shape.
    public init(_ name: String, shape: [Int], elements: [Float]) {
      precondition(shape.reduce(1, *) == elements.count)
      self.name = name
      contents =
        NPYHeader.bytes(description: "<f4", shape: shape)
        + elements.flatMap { Self.littleEndian($0.bitPattern) }
    }

    /// An array of float64, `<f8`; the count must fit the shape.
    public init(_ name: String, shape: [Int], elements: [Double]) {
      precondition(shape.reduce(1, *) == elements.count)
      self.name = name
      contents =
        NPYHeader.bytes(description: "<f8", shape: shape)
        + elements.flatMap { Self.littleEndian($0.bitPattern) }
    }

    private static func littleEndian(_ word: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
  }

  /// The archive's bytes; it must stay below 4 GiB.
  public static func bytes(_ entries: [Entry]) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let name = Array((entry.name + ".npy").utf8)
      let offset = archive.count
      let shared = header(entry, nameLength: name.count)
      append(0x0403_4B50 as UInt32, to: &archive)
      archive += shared + name + entry.contents
      append(0x0201_4B50 as UInt32, to: &directory)
      append(20 as UInt16, to: &directory)
      directory += shared
      // No comment, the first disk, no attributes.
      directory += [UInt8](repeating: 0, count: 10)
      append(UInt32(offset), to: &directory)
      directory += name
    }
    let start = archive.count
    archive += directory
    append(0x0605_4B50 as UInt32, to: &archive)
    append(0 as UInt32, to: &archive)
    append(UInt16(entries.count), to: &archive)
    append(UInt16(entries.count), to: &archive)
    append(UInt32(directory.count), to: &archive)
    append(UInt32(start), to: &archive)
    append(0 as UInt16, to: &archive)
    return archive
  }

  /// The fields that the local header and the directory share.
  private static func header(_ entry: Entry, nameLength: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    let size = UInt32(entry.contents.count)
    append(20 as UInt16, to: &bytes)
    append(0 as UInt16, to: &bytes)
    append(0 as UInt16, to: &bytes)
    // The earliest date of the format, 1 January 1980.
    append(0 as UInt16, to: &bytes)
    append(0x21 as UInt16, to: &bytes)
    append(UInt32(CheckSum.crc32(entry.contents[...])), to: &bytes)
    append(size, to: &bytes)
    append(size, to: &bytes)
    append(UInt16(nameLength), to: &bytes)
    append(0 as UInt16, to: &bytes)
    return bytes
  }

  private static func append(_ word: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
