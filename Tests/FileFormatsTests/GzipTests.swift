import Diagnostics
import FileFixtures
import MutationSupport
import Testing

@testable import FileFormats

@Suite struct GzipTests {
  static let text = Array("the same line again and again\n".utf8) + Array(repeating: 7, count: 300)
  static let member = deflated(text)

  @Test func joinsMembers() throws {
    #expect(try decompress(Self.member) == Self.text)
    #expect(try decompress(Self.member + Self.member) == Self.text + Self.text)
    #expect(try decompress(deflated([])) == [])
  }

  @Test func readsLargeContents() throws {
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    #expect(try decompress(deflated(bytes)) == bytes)
  }

  @Test(arguments: 2..<member.count) func rejectsATruncatedFile(count: Int) {
    #expect(fault(Array(Self.member.prefix(count))) == "data.gzip-truncated")
  }

  @Test(arguments: 1...8) func rejectsAWrongCheckSumOrLength(fromEnd: Int) {
    var bytes = Self.member
    bytes[bytes.count - fromEnd] ^= 0x10
    #expect(fault(bytes) == "data.gzip-corrupt")
  }

  @Test func rejectsTrailingBytes() {
    #expect(fault(Self.member + [0]) == "data.gzip-trailing")
    #expect(fault(Self.member + [0x1F, 0x8B]) == "data.gzip-truncated")
  }

  @Test func rejectsABomb() {
    let bomb = deflated(Array(repeating: 0, count: 17 << 20))
    #expect(bomb.count < 20_000)
    #expect(fault(bomb) == "data.gzip-expansion")
  }

  @Test(arguments: 0..<10) func survivesMutations(part: Int) {
    var mutations = ByteMutations(seed: UInt64(part), name: "gzip")
    for _ in 0..<150 {
      #expect(fault(mutations.mutate(Self.member + Self.member)) != "no place")
    }
  }

  private func decompress(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    try Gzip.decompress(MemorySource(bytes), path: "f", in: MemoryWorkspace()).allBytes()
  }

  private func fault(_ bytes: [UInt8]) -> String? {
    do throws(Failure) {
      _ = try decompress(bytes)
      return nil
    } catch {
      let diagnostic = error.diagnostics[0]
      guard case .file("f", let offset?) = diagnostic.location, (0...bytes.count).contains(offset)
      else { return "no place" }
      return diagnostic.id.description
    }
  }
}
