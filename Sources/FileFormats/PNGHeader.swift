import Diagnostics

/// The size and the kind of pixels of a PNG image.
public struct PNGHeader: Sendable {
  /// How a pixel is stored.
  enum Colour: Int {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgbAlpha = 6

    /// Samples of a pixel.
    var samples: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgbAlpha: 4
      }
    }

    fileprivate func allows(_ depth: Int) -> Bool {
      switch self {
      case .grey: [1, 2, 4, 8, 16].contains(depth)
      case .palette: [1, 2, 4, 8].contains(depth)
      case .rgb, .greyAlpha, .rgbAlpha: [8, 16].contains(depth)
      }
    }
  }

  /// Pixels of the largest image.
  private static let pixelLimit = 1 << 31

  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Colours of the decoded image: 1 or 3.
  public var channels: Int {
    switch colour {
    case .grey, .greyAlpha: 1
    case .rgb, .palette, .rgbAlpha: 3
    }
  }

  let colour: Colour
  /// Bits of a sample.
  let depth: Int
  let isInterlaced: Bool

  /// Reads the header from the data of the first chunk, which stand at an offset.
  init(_ data: [UInt8], at offset: Int, _ fault: FileFault) throws(Failure) {
    width = Self.bigEndian(data, 0)
    height = Self.bigEndian(data, 4)
    guard width > 0, height > 0, width * height <= Self.pixelLimit else {
      throw fault(
        "png", "an image has 1 to 2³¹ pixels, this one \(width) columns and \(height) rows",
        at: offset)
    }
    depth = Int(data[8])
    guard let colour = Colour(rawValue: Int(data[9])), colour.allows(depth) else {
      throw fault(
        "png", "there is no colour type \(data[9]) with \(data[8]) bits a sample", at: offset + 8)
    }
    self.colour = colour
    guard data[10] == 0, data[11] == 0, data[12] <= 1 else {
      throw fault(
        "png", "compression, filter or interlacing is of no known method", at: offset + 10)
    }
    isInterlaced = data[12] == 1
    guard depth <= 8 else {
      throw fault(
        "png-unsupported", "samples must have up to 8 bits, found 16", at: offset + 8,
        help: "convert the images to 8 bits, or store them as npz")
    }
  }

  /// A big-endian 32-bit integer.
  static func bigEndian(_ bytes: [UInt8], _ offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }
}
