import CZlib

/// Writes small pictures as PNG: 8 bits a sample, gray or RGB, without filters.
///
/// Reference: ISO/IEC 15948.
public enum PNGWriter {
  /// The file's bytes.
  ///
  /// - Parameters:
  ///   - pixels: row by row, `channels` bytes a pixel.
  ///   - channels: 1 for gray, 3 for RGB.
  public static func bytes(
    pixels: [UInt8], width: Int, height: Int, channels: Int
  ) -> [UInt8] {
    precondition(channels == 1 || channels == 3)
    precondition(width > 0 && height > 0 && pixels.count == width * height * channels)
    let header =
      bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, channels == 1 ? 0 : 2, 0, 0, 0]
    let row = width * channels
    // Each row begins with the number of its filter.
    let rows = (0..<height).flatMap { [0] + pixels[$0 * row..<($0 + 1) * row] }
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", header) + chunk("IDAT", compressed(rows)) + chunk("IEND", [])
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return bigEndian(UInt32(data.count)) + body + bigEndian(UInt32(CheckSum.crc32(body[...])))
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(UInt(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(length))
    let status = compress2(&result, &length, bytes, UInt(bytes.count), Z_BEST_COMPRESSION)
    precondition(status == Z_OK, "the buffer holds what zlib can need")
    return Array(result.prefix(Int(length)))
  }
}
