import FileFormats

/// A sample as a picture inside the page.
struct SamplePicture {
  private let shape: [Int]

  /// nil unless samples are images of 1 or 3 channels.
  init?(shape: [Int]) {
    guard shape.count == 3, shape[0] == 1 || shape[0] == 3, shape[1...].allSatisfy({ $0 <= 256 })
    else { return nil }
    self.shape = shape
  }

  /// The sample with its smallest value black and its largest white.
  func image(_ sample: [Float], over range: ClosedRange<Float>, _ description: String) -> Markup {
    let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
    return picture(sample.map { ($0 - range.lowerBound) / span }, description)
  }

  /// A difference: gray where there is none, black and white at the largest.
  func difference(_ a: [Float], _ b: [Float], _ description: String) -> Markup {
    let change = zip(a, b).map { $1 - $0 }
    let largest = max(change.map(abs).max() ?? 0, .leastNormalMagnitude)
    return picture(change.map { 0.5 + 0.5 * $0 / largest }, description)
  }

  private func picture(_ values: [Float], _ description: String) -> Markup {
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    let plane = height * width
    let pixels = (0..<plane).flatMap { place in
      (0..<channels).map { channel in
        UInt8(max(0, min(1, values[channel * plane + place])) * 255 + 0.5)
      }
    }
    let file = PNGWriter.bytes(pixels: pixels, width: width, height: height, channels: channels)
    return .node(
      "img",
      [
        "alt": description, "title": description,
        "src": "data:image/png;base64," + Base64.text(file),
      ]
    )
  }
}

/// Bytes as text (RFC 4648, section 4).
enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
      for digit in 0..<4 {
        let isPadding = digit > group.count
        text.append(
          isPadding ? UInt8(ascii: "=") : digits[bits >> (18 - 6 * digit) & 63])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
