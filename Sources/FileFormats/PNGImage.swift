import Diagnostics

/// A PNG image of at most 8 bits per sample, without transparency: its stored values.
///
/// Gray samples of fewer than 8 bits are spread over 0 to 255; palettes are looked up. Color spaces and
/// gamma are ignored. An alpha channel, or a palette's, must be fully opaque.
/// Reference: W3C, Portable Network Graphics (PNG) Specification, second edition.
public struct PNGImage {
  /// Size and colors.
  public let header: PNGHeader
  private let source: any ByteSource
  private let fault: FileFault
  private static let headerEnd = 33

  /// Reads the header alone, so that the size can be checked before anything is decompressed.
  public init(_ source: any ByteSource, _ fault: FileFault) throws(Failure) {
    self.source = source
    self.fault = fault
    guard source.count >= Self.headerEnd else {
      throw fault(
        "truncated", "a PNG image has at least \(Self.headerEnd) bytes, found \(source.count)",
        at: source.count)
    }
    let chunk = try PNGChunk(source, at: 8, fault)
    guard chunk.type == "IHDR", chunk.range.count == 13 else {
      throw fault("png", "the first chunk must be 'IHDR' with 13 bytes", at: 8)
    }
    header = try PNGHeader(try source.bytes(chunk.range), at: chunk.range.lowerBound, fault)
  }

  /// The pixels row by row, each 1 or 3 bytes; throws with the offset of the fault.
  public func pixels() throws(Failure) -> [UInt8] {
    let chunks = try collect()
    let passes = PNGPass.all(header)
    var raw = try inflated(chunks, size: passes.reduce(0) { $0 + $1.bytes })
    var pixels = [UInt8](repeating: 0, count: header.width * header.height * header.channels)
    var offset = 0
    for pass in passes {
      let distance = max(1, header.color.samples * header.depth / 8)
      guard pass.unfilter(&raw, at: offset, distance: distance) else {
        throw fault("png", "a row has an unknown filter", at: chunks.start)
      }
      try expand(pass, raw, at: offset, chunks, into: &pixels)
      offset += pass.bytes
    }
    return pixels
  }

  private func inflated(_ chunks: Chunks, size: Int) throws(Failure) -> [UInt8] {
    let sink = MemorySink()
    let inflation = try Inflation(
      MemorySource(chunks.data), 0..<chunks.data.count, .zlib, into: sink, limit: size)
    guard inflation.outcome == .complete, sink.count == size else {
      throw fault(
        "png", "the compressed pixels are corrupt or do not have \(size) bytes", at: chunks.start)
    }
    return sink.bytes
  }

  /// The contents of the chunks after the header.
  private struct Chunks {
    var palette: [UInt8] = []
    /// The alpha of the first colors of the palette.
    var alpha: [UInt8] = []
    /// The compressed pixels.
    var data: [UInt8] = []
    /// The offset of the first compressed chunk.
    var start = 0
  }

  private func collect() throws(Failure) -> Chunks {
    var chunks = Chunks()
    var offset = Self.headerEnd
    while true {
      let chunk = try PNGChunk(source, at: offset, fault)
      switch chunk.type {
      case "PLTE": chunks.palette = try source.bytes(chunk.range)
      case "IDAT":
        if chunks.data.isEmpty { chunks.start = offset }
        chunks.data += try source.bytes(chunk.range)
      case "tRNS" where header.color == .palette: chunks.alpha = try source.bytes(chunk.range)
      case "tRNS": throw transparent(offset)
      case "IEND":
        guard chunk.next == source.count else {
          throw fault("trailing-bytes", "found bytes after the end of the image", at: chunk.next)
        }
        return chunks
      default:
        guard chunk.isAncillary else {
          throw fault("png", "unknown chunk '\(chunk.type)'", at: offset)
        }
      }
      offset = chunk.next
    }
  }

  /// Writes the pixels of a pass to their positions.
  private func expand(
    _ pass: PNGPass, _ raw: [UInt8], at offset: Int, _ chunks: Chunks, into pixels: inout [UInt8]
  ) throws(Failure) {
    let (samples, channels) = (header.color.samples, header.channels)
    for row in 0..<pass.rows {
      let start = offset + row * (pass.rowBytes + 1) + 1
      for column in 0..<pass.columns {
        let y = pass.firstRow + row * pass.rowStep
        let x = pass.firstColumn + column * pass.columnStep
        let target = (y * header.width + x) * channels
        switch header.color {
        case .gray:
          pixels[target] = bits(raw, start, column) &* UInt8(255 / (1 << header.depth - 1))
        case .palette:
          let index = Int(bits(raw, start, column))
          guard 3 * index + 3 <= chunks.palette.count else {
            throw fault(
              "png",
              "a pixel has color \(index), but the palette has \(chunks.palette.count / 3) colors",
              at: chunks.start)
          }
          guard index >= chunks.alpha.count || chunks.alpha[index] == 255 else {
            throw transparent(chunks.start)
          }
          for color in 0..<3 { pixels[target + color] = chunks.palette[3 * index + color] }
        case .rgb, .grayAlpha, .rgbAlpha:
          let pixel = start + column * samples
          guard samples == channels || raw[pixel + channels] == 255 else {
            throw transparent(chunks.start)
          }
          for color in 0..<channels { pixels[target + color] = raw[pixel + color] }
        }
      }
    }
  }

  /// A sample of up to 8 bits in a row of single samples.
  private func bits(_ raw: [UInt8], _ start: Int, _ column: Int) -> UInt8 {
    let bit = column * header.depth
    let shift = 8 - header.depth - bit % 8
    return raw[start + bit / 8] >> UInt8(shift) & UInt8(1 << header.depth - 1)
  }

  private func transparent(_ offset: Int) -> Failure {
    fault(
      "png-unsupported", "the image must be fully opaque", at: offset,
      help: "flatten it onto a background")
  }
}

/// The size and the kind of pixels of a PNG image.
public struct PNGHeader: Sendable {
  /// How a pixel is stored.
  enum Color: Int {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgbAlpha = 6

    /// Samples of a pixel.
    var samples: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgbAlpha: 4
      }
    }

    fileprivate func allows(_ depth: Int) -> Bool {
      switch self {
      case .gray: [1, 2, 4, 8, 16].contains(depth)
      case .palette: [1, 2, 4, 8].contains(depth)
      case .rgb, .grayAlpha, .rgbAlpha: [8, 16].contains(depth)
      }
    }
  }

  /// Pixels of the largest image.
  private static let pixelLimit = 1 << 31

  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Colors of the decoded image: 1 or 3.
  public var channels: Int {
    switch color {
    case .gray, .grayAlpha: 1
    case .rgb, .palette, .rgbAlpha: 3
    }
  }

  let color: Color
  /// Bits of a sample.
  let depth: Int
  let isInterlaced: Bool

  /// Reads the header from the data of the first chunk, which are at an offset.
  fileprivate init(_ data: [UInt8], at offset: Int, _ fault: FileFault) throws(Failure) {
    width = bigEndian(data, 0)
    height = bigEndian(data, 4)
    guard width > 0, height > 0, width * height <= Self.pixelLimit else {
      throw fault(
        "png", "an image must have 1 to 2³¹ pixels, found \(width) columns and \(height) rows",
        at: offset)
    }
    depth = Int(data[8])
    guard let color = Color(rawValue: Int(data[9])), color.allows(depth) else {
      throw fault(
        "png", "color type \(data[9]) does not allow \(data[8]) bits per sample", at: offset + 8)
    }
    self.color = color
    guard data[10] == 0, data[11] == 0, data[12] <= 1 else {
      throw fault(
        "png", "unknown compression, filter or interlace method", at: offset + 10)
    }
    isInterlaced = data[12] == 1
    guard depth <= 8 else {
      throw fault(
        "png-unsupported", "samples must have at most 8 bits, found 16", at: offset + 8,
        help: "convert the images to 8 bits, or store them as npz")
    }
  }
}

/// A chunk of a PNG file, with its checksum verified.
private struct PNGChunk {
  /// Four letters.
  let type: String
  /// The range of its data in the file.
  let range: Range<Int>
  /// Whether a reader may skip it: its first letter is lower-case.
  let isAncillary: Bool
  /// The offset of the next chunk.
  var next: Int { range.upperBound + 4 }

  /// The chunk at an offset; throws `….truncated` or `….png`.
  init(_ source: any ByteSource, at offset: Int, _ fault: FileFault) throws(Failure) {
    guard offset + 12 <= source.count else {
      throw fault("truncated", "the image ends before its 'IEND' chunk", at: source.count)
    }
    let head = try source.bytes(offset..<offset + 8)
    let length = bigEndian(head, 0)
    guard length <= source.count - offset - 12 else {
      throw fault(
        "truncated", "a chunk of \(length) bytes extends past the end of the file", at: offset)
    }
    type = String(decoding: head[4...], as: UTF8.self)
    isAncillary = head[4] & 0x20 != 0
    range = offset + 8..<offset + 8 + length
    var sum = CheckSum.crc32(head[4...])
    try source.forEachPiece(of: range) { piece, _ throws(Failure) in
      sum = CheckSum.crc32(piece, after: sum)
    }
    let stated = try source.bytes(range.upperBound..<range.upperBound + 4)
    guard bigEndian(stated, 0) == Int(sum) else {
      throw fault("png", "a chunk has a wrong checksum", at: offset)
    }
  }
}

/// A big-endian 32-bit integer.
private func bigEndian(_ bytes: [UInt8], _ offset: Int) -> Int {
  bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
}
