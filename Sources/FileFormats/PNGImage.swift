import Diagnostics

/// A PNG image of 8 bits a sample or fewer, without transparency: its values as they are stored.
///
/// Grey samples of fewer than 8 bits are spread over 0 to 255; palettes are looked up. Colour spaces and
/// gamma are left alone. An alpha channel, or a palette's, must be opaque throughout.
/// Reference: W3C, Portable Network Graphics (PNG) Specification, second edition.
public struct PNGImage {
  /// Size and colours.
  public let header: PNGHeader
  private let source: any ByteSource
  private let fault: FileFault
  private static let headerEnd = 33

  /// Reads the header alone, so that the size can be checked before anything is decompressed.
  public init(_ source: any ByteSource, _ fault: FileFault) throws(Failure) {
    self.source = source
    self.fault = fault
    guard source.count >= Self.headerEnd else {
      throw fault("truncated", "a PNG image has at least 33 bytes", at: source.count)
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
      let distance = max(1, header.colour.samples * header.depth / 8)
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
        "png", "the compressed pixels are corrupt, or not \(size) bytes long", at: chunks.start)
    }
    return sink.bytes
  }
}

extension PNGImage {
  /// What the chunks after the header hold.
  private struct Chunks {
    var palette: [UInt8] = []
    /// Of the first colours of the palette.
    var alpha: [UInt8] = []
    /// The compressed pixels.
    var data: [UInt8] = []
    /// Where they begin in the file.
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
      case "tRNS" where header.colour == .palette: chunks.alpha = try source.bytes(chunk.range)
      case "tRNS": throw transparent(offset)
      case "IEND":
        guard chunk.next == source.count else {
          throw fault("trailing-bytes", "bytes follow the end of the image", at: chunk.next)
        }
        return chunks
      default:
        guard chunk.isAncillary else {
          throw fault("png", "the chunk '\(chunk.type)' is not known", at: offset)
        }
      }
      offset = chunk.next
    }
  }

  /// Puts the pixels of a pass into their places.
  private func expand(
    _ pass: PNGPass, _ raw: [UInt8], at offset: Int, _ chunks: Chunks, into pixels: inout [UInt8]
  ) throws(Failure) {
    let (samples, channels) = (header.colour.samples, header.channels)
    for row in 0..<pass.rows {
      let start = offset + row * (pass.rowBytes + 1) + 1
      for column in 0..<pass.columns {
        let y = pass.firstRow + row * pass.rowStep
        let x = pass.firstColumn + column * pass.columnStep
        let target = (y * header.width + x) * channels
        switch header.colour {
        case .grey:
          pixels[target] = bits(raw, start, column) &* UInt8(255 / (1 << header.depth - 1))
        case .palette:
          let index = Int(bits(raw, start, column))
          guard 3 * index + 3 <= chunks.palette.count else {
            throw fault(
              "png", "a pixel is the colour \(index) of a shorter palette", at: chunks.start)
          }
          guard index >= chunks.alpha.count || chunks.alpha[index] == 255 else {
            throw transparent(chunks.start)
          }
          for colour in 0..<3 { pixels[target + colour] = chunks.palette[3 * index + colour] }
        case .rgb, .greyAlpha, .rgbAlpha:
          let pixel = start + column * samples
          guard samples == channels || raw[pixel + channels] == 255 else {
            throw transparent(chunks.start)
          }
          for colour in 0..<channels { pixels[target + colour] = raw[pixel + colour] }
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
      "png-unsupported", "the image must be opaque throughout", at: offset,
      help: "flatten it onto a background")
  }
}
