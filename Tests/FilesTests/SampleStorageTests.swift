import Diagnostics
import FileFixtures
import Glibc
import ModelIR
import Testing

@testable import FileFormats
@testable import Files

/// Samples that stay on disk are the same, bit for bit, as those in memory.
@Suite struct SampleStorageTests {
  static let bytes = (0..<240).map { UInt8(truncatingIfNeeded: $0 &* 97 &+ 13) }
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Two parts of bytes, the second with gaps and in another order, and one of doubles.
  private func data(_ source: any ByteSource) -> LabeledData {
    LabeledData(
      shape: [2, 3],
      stored: [
        StoredSamples(source, .uint8, start: 3, stride: 6, count: 4, size: 6),
        StoredSamples(
          source, .uint8, start: 50, stride: 7, count: 3, size: 6, order: [5, 3, 1, 4, 2, 0]),
        StoredSamples(source, .int16, start: 100, stride: 13, count: 2, size: 6),
      ], labels: [0, 1, 2, 0, 1, 2, 0, 1, 2])
  }

  @Test(arguments: [1, 1 / 255.0, 0.3])
  func areTheSameWhereverTheyAre(scale: Double) throws {
    let path = try folder.file("x", Self.bytes)
    let sources: [any ByteSource] = [MemorySource(Self.bytes), try FileReading.open(path)]
    let resident = try SampleSet(
      data(sources[0]), scale: scale, classes: 3, limit: 1 << 20)
    #expect(try resident[0][1] == Float(Double(Self.bytes[4]) * scale))
    #expect(try resident[4][0] == Float(Double(Self.bytes[55]) * scale))
    for source in sources {
      let stored = try SampleSet(data(source), scale: scale, classes: 3, limit: 0)
      for index in 0..<9 { #expect(try stored[index] == resident[index]) }
      #expect(try stored.digest() == resident.digest())
      let (some, same) = (stored.selecting([8, 2, 5]), resident.selecting([8, 2, 5]))
      #expect(some.labels == [2, 2, 2])
      #expect(try some.selecting([2, 1])[0] == same[2])
      #expect(try some.digest() == same.digest())
    }
  }

  @Test(arguments: [0, 100, 1 << 20]) func areKeptWithinABudget(budget: Int) throws {
    let contents = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    let plain = try folder.file("plain", contents)
    let compressed = try folder.file("compressed", deflated(contents))
    let workspace = DataWorkspace(budget: budget)
    for path in [plain, compressed] {
      let file = try FileReading.data(of: path, in: workspace)
      #expect(file.source is MemorySource == (budget > contents.count))
      #expect(file.isCompressed == (path == compressed))
      #expect(try file.source.allBytes() == contents)
      #expect(try file.source.bytes(299_990..<300_000) == Array(contents[299_990...]))
    }
  }

  @Test func reportAFileThatIsCutWhileItIsRead() throws {
    let path = try folder.file("x", Self.bytes)
    let set = try SampleSet(
      data(try FileReading.open(path)), scale: 1, classes: 3, limit: 0)
    #expect(truncate(path, 20) == 0)
    #expect(try set[0].count == 6)
    do throws(Failure) {
      _ = try set[8]
      Issue.record("read what is not there")
    } catch { #expect(error.diagnostics.map(\.id.description) == ["file.unreadable"]) }
  }

  @Test func findValuesThatScalingOverflows() throws {
    let floats = LabeledData(shape: [1], values: [1, 1e30], labels: [0, 1])
    #expect(try SampleSet(floats, scale: 1e10, classes: 2).firstNotFinite() == 1)
    #expect(try SampleSet(floats, scale: 1, classes: 2).firstNotFinite() == nil)
    for limit in [0, 1 << 20] {
      let bytes = try SampleSet(
        data(MemorySource(Self.bytes)), scale: 1e38, classes: 3, limit: limit)
      #expect(try bytes.firstNotFinite() == 0)
    }
  }
}
