import CZlib

/// An npy array of version 1.
public func npy(_ header: String, _ elements: [UInt8]) -> [UInt8] {
  let length = UInt16(header.utf8.count)
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
    + header.utf8 + elements
}

/// Little-endian float32.
public func floatBytes(_ elements: [Float]) -> [UInt8] {
  elements.flatMap { element in withUnsafeBytes(of: element.bitPattern.littleEndian) { Array($0) } }
}

/// A zip archive with stored or deflated entries.
public func zip(_ entries: [(name: String, contents: [UInt8])], isDeflated: Bool = false) -> [UInt8]
{
  var archive: [UInt8] = []
  var directory: [UInt8] = []
  for (name, contents) in entries {
    let data = isDeflated ? deflated(contents, windowBits: -15) : contents
    let sum = contents.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
    let common =
      little(20, 2) + little(0, 2) + little(isDeflated ? 8 : 0, 2) + little(0, 4)
      + little(Int(sum), 4) + little(data.count, 4) + little(contents.count, 4)
      + little(name.utf8.count, 2) + little(0, 2)
    directory +=
      little(0x0201_4B50, 4) + little(20, 2) + common + little(0, 10) + little(archive.count, 4)
      + name.utf8
    archive += little(0x0403_4B50, 4) + common + name.utf8 + data
  }
  let end =
    little(0x0605_4B50, 4) + little(0, 4) + little(entries.count, 2) + little(entries.count, 2)
    + little(directory.count, 4) + little(archive.count, 4) + little(0, 2)
  return archive + directory + end
}

/// So many bytes of an integer, the lowest first; 0 beyond the eighth.
public func little(_ value: Int, _ size: Int) -> [UInt8] {
  (0..<size).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
}
