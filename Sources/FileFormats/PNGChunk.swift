import Diagnostics

/// A chunk of a PNG file, its check sum verified.
struct PNGChunk {
  /// Four letters.
  let type: String
  /// The data's place in the file.
  let range: Range<Int>
  /// Whether a reader may pass over it: its first letter is small.
  let isAncillary: Bool
  /// The offset of the next chunk.
  var next: Int { range.upperBound + 4 }

  /// The chunk at an offset; throws `….truncated` or `….png`.
  init(_ source: any ByteSource, at offset: Int, _ fault: FileFault) throws(Failure) {
    guard offset + 12 <= source.count else {
      throw fault("truncated", "the image ends before its end chunk", at: source.count)
    }
    let head = try source.bytes(offset..<offset + 8)
    let length = PNGHeader.bigEndian(head, 0)
    guard length <= source.count - offset - 12 else {
      throw fault("truncated", "a chunk of \(length) bytes ends after the file", at: offset)
    }
    type = String(decoding: head[4...], as: UTF8.self)
    isAncillary = head[4] & 0x20 != 0
    range = offset + 8..<offset + 8 + length
    var sum = CheckSum.crc32(head[4...])
    try source.forEachPiece(of: range) { piece, _ throws(Failure) in
      sum = CheckSum.crc32(piece, after: sum)
    }
    let stated = try source.bytes(range.upperBound..<range.upperBound + 4)
    guard PNGHeader.bigEndian(stated, 0) == Int(sum) else {
      throw fault("png", "the check sum of a chunk is wrong", at: offset)
    }
  }
}
