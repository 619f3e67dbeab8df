import Diagnostics
import Testing

@testable import FileFormats

/// What the writer of pictures writes, the reader of pictures reads.
@Suite struct PNGWriterTests {
  @Test(arguments: [(1, 1, 1), (7, 3, 1), (5, 4, 3)])
  func readsBack(_ width: Int, _ height: Int, _ channels: Int) throws {
    let pixels = (0..<width * height * channels).map { UInt8($0 * 37 % 256) }
    let bytes = PNGWriter.bytes(
      pixels: pixels, width: width, height: height, channels: channels)
    let image = try PNGImage(MemorySource(bytes), FileFault(.data, path: "picture.png"))
    let expanded = try image.pixels()
    #expect(expanded == pixels)
  }
}
