import Diagnostics
import FileFixtures
import ModelIR
import Testing

@testable import Catalog
@testable import FileFormats

@Suite struct CIFARFormatTests {
  /// A record whose image begins with a byte and goes on counting.
  static func record(_ labels: [UInt8], _ first: Int) -> [UInt8] {
    labels + (0..<3072).map { UInt8(truncatingIfNeeded: first + $0) }
  }

  private func decode(
    _ format: any DatasetFormat, _ split: DataSplit, _ files: [String: [UInt8]],
    shape: [Int] = [3, 32, 32], classes: Int = 10, isCompressed: Bool = false
  ) throws(Failure) -> LabeledData {
    let files = files.map { name, bytes in
      (name, DataFile(path: name, source: MemorySource(bytes), isCompressed: isCompressed))
    }
    return try format.decode(
      DataFiles(named: Dictionary(uniqueKeysWithValues: files)), split: split, shape: shape,
      classes: classes)
  }

  @Test func joinsTheBatchesOfCIFAR10() throws {
    let format: CIFAR10Format = format()
    let files = (1...5).map { ("data_batch_\($0)", Self.record([UInt8($0)], $0)) }
    var named = Dictionary(uniqueKeysWithValues: files)
    named["data_batch_5"]? += Self.record([9], 7)
    let data = try decode(format, .train, named)
    #expect(data.labels == [1, 2, 3, 4, 5, 9])
    let numbers = data.numbers
    #expect(numbers.count == 6 * 3072)
    #expect(numbers[0] == 1 && numbers[3072] == 2 && numbers[5 * 3072] == 7)
    #expect(numbers[3071] == Float(UInt8(truncatingIfNeeded: 3072)))
  }

  @Test(arguments: [("fine", [37, 99]), ("coarse", [3, 19])])
  func takesOneOfTheLabelsOfCIFAR100(word: String, labels: [Int]) throws {
    let format: CIFAR100Format = format(("labels", word))
    let bytes = Self.record([3, 37], 0) + Self.record([19, 99], 5)
    let data = try decode(format, .test, ["records": bytes], shape: [3072], classes: 100)
    #expect(data.labels == labels)
    #expect(data.numbers[0] == 0 && data.numbers[3072] == 5)
  }

  static let good = record([3], 0)

  @Test(
    arguments: [
      ([], "data.empty test_batch@0"),
      (Array(good.dropLast()), "data.truncated test_batch@3072"),
      (good + [1], "data.truncated test_batch@3074"),
      (good + record([10], 0), "data.label-range test_batch@3073"),
      (idx([2, 2, 2], Array(0..<8)), "data.format test_batch@0"),
      (Array("PK\u{3}\u{4}".utf8) + good, "data.format test_batch@0"),
      ([0x80, 4, 0x95], "data.format test_batch@0"),
    ] as [([UInt8], String)])
  func rejects(bytes: [UInt8], fault: String) {
    let format: CIFAR10Format = format()
    let found = faults { () throws(Failure) in
      try decode(format, .test, ["test_batch": bytes])
    }
    #expect(found == [fault])
  }

  @Test func rejectsAnotherShape() {
    let format: CIFAR10Format = format()
    let found = faults { () throws(Failure) in
      try decode(format, .test, ["test_batch": Self.good], shape: [3, 32, 31])
    }
    #expect(found == ["data.shape test_batch@0"])
  }

  @Test func saysWhatItFound() {
    let format: CIFAR10Format = format()
    do throws(Failure) {
      _ = try decode(
        format, .test, ["test_batch": idx([1, 2], [1, 2])], isCompressed: true)
      Issue.record("read an IDX file as records")
    } catch {
      let fault = error.diagnostics[0]
      #expect(
        fault.message == "'cifar10' needs records of 3073 bytes, found a gzip-compressed IDX file")
      #expect(fault.help == "set 'format: idx'")
    }
  }
}
