import Diagnostics
import FileFixtures
import MutationSupport
import Testing

@testable import FileFormats

@Suite struct PNGTests {
  /// A fixture with the samples of its pixels spread over 0 to 255, those beyond the colors left out.
  static func fixture(
    color: Int, depth: Int, isInterlaced: Bool, width: Int = 5, height: Int = 6
  ) -> (PNGFixture, pixels: [UInt8]) {
    var png = PNGFixture()
    (png.color, png.depth, png.isInterlaced) = (color, depth, isInterlaced)
    (png.width, png.height) = (width, height)
    let colors = [1, 0, 3, 1, 1, 0, 3][color]
    let plain = png.sample
    png.sample = { x, y, place in place < colors ? plain(x, y, place) % (1 << depth) : 255 }
    if color == 3 { png.palette = (0..<3 << depth).map { UInt8(truncatingIfNeeded: 7 &* $0) } }
    let pixels = (0..<height).flatMap { y in
      (0..<width).flatMap { x -> [UInt8] in
        let samples = (0..<colors).map { png.sample(x, y, $0) }
        if color == 3 { return Array(png.palette[3 * samples[0]..<3 * samples[0] + 3]) }
        return samples.map { UInt8($0 * 255 / (1 << depth - 1)) }
      }
    }
    return (png, pixels)
  }

  func decode(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    try PNGImage(MemorySource(bytes), FileFault(.data, path: "f")).pixels()
  }

  func fault(_ bytes: [UInt8]) -> String? {
    do throws(Failure) {
      _ = try decode(bytes)
      return nil
    } catch {
      guard case .file("f", let offset?) = error.diagnostics[0].location,
        (0...bytes.count).contains(offset)
      else { return "no place" }
      return error.diagnostics[0].id.description
    }
  }

  @Test(
    arguments: [
      (0, 1), (0, 2), (0, 4), (0, 8), (2, 8), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (6, 8),
    ], [false, true])
  func decodes(kind: (color: Int, depth: Int), isInterlaced: Bool) throws {
    for (width, height) in [(5, 6), (1, 1), (17, 3), (2, 11)] {
      let (png, pixels) = Self.fixture(
        color: kind.color, depth: kind.depth, isInterlaced: isInterlaced, width: width,
        height: height)
      #expect(try decode(png.file()) == pixels)
    }
  }

  @Test func refusesWhatCannotBeHeldExactly() {
    for color in [0, 2, 4, 6] {
      let (png, _) = Self.fixture(color: color, depth: 16, isInterlaced: false)
      #expect(fault(png.file()) == "data.png-unsupported")
    }
    for color in [4, 6] {
      var (png, _) = Self.fixture(color: color, depth: 8, isInterlaced: true)
      let last = png.samples - 1
      png.sample = { x, _, place in place == last && x == 3 ? 254 : 255 }
      #expect(fault(png.file()) == "data.png-unsupported")
    }
    var (png, _) = Self.fixture(color: 0, depth: 8, isInterlaced: false)
    png.alpha = [0, 7]
    #expect(fault(png.file()) == "data.png-unsupported")
    (png, _) = Self.fixture(color: 3, depth: 2, isInterlaced: false)
    png.alpha = [255, 255, 255]
    #expect(fault(png.file()) == nil)
    png.alpha = [255, 128]
    #expect(fault(png.file()) == "data.png-unsupported")
  }

  @Test func rejectsMalformedImages() {
    let (png, _) = Self.fixture(color: 2, depth: 8, isInterlaced: false)
    let file = png.file()
    for count in 0..<file.count { #expect(fault(Array(file.prefix(count))) == "data.truncated") }
    #expect(fault(file + [0]) == "data.trailing-bytes")
    for offset in 8..<file.count {
      var changed = file
      changed[offset] ^= 0x41
      #expect(fault(changed) != nil && fault(changed) != "no place", "\(offset)")
    }
    var (short, _) = Self.fixture(color: 3, depth: 2, isInterlaced: false)
    short.palette = [1, 2, 3]
    #expect(fault(short.file()) == "data.png")
    let other = Array(file[..<33]) + pngChunk("ABCD", [1]) + Array(file[33...])
    #expect(fault(other) == "data.png")
    let rows = deflated(
      [9] + Array(repeating: 0, count: 15) + Array(repeating: 0, count: 80), windowBits: 15)
    let filter = Array(file[..<33]) + pngChunk("IDAT", rows) + pngChunk("IEND", [])
    #expect(fault(filter) == "data.png")
    let more = deflated(Array(repeating: 0, count: 97), windowBits: 15)
    #expect(fault(Array(file[..<33]) + pngChunk("IDAT", more) + pngChunk("IEND", [])) == "data.png")
  }

  @Test(arguments: [(3, 4), (6, 8)], 0..<10)
  func survivesMutations(kind: (color: Int, depth: Int), part: Int) {
    let (png, _) = Self.fixture(color: kind.color, depth: kind.depth, isInterlaced: true)
    let file = png.file()
    var mutations = ByteMutations(seed: UInt64(part), name: "png \(kind.color)")
    for _ in 0..<100 {
      #expect(fault(mutations.mutate(file)) != "no place")
      // With correct checksums, damage reaches the code behind them.
      let header = mutations.mutate(Array(file[16..<29]))
      let data = mutations.mutate(
        deflated(mutations.mutate(Array(repeating: 1, count: 90)), windowBits: 15))
      let chunks = pngChunk("IHDR", header) + pngChunk("PLTE", png.palette) + pngChunk("IDAT", data)
      #expect(fault(Array(file[..<8]) + chunks + pngChunk("IEND", [])) != "no place")
    }
  }
}
