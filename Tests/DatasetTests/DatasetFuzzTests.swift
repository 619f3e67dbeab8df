import Diagnostics
import FileFixtures
import ModelIR
import MutationSupport
import Testing

@testable import Catalog

/// Seeded damage to valid files: nothing may crash, and every rejection must say where.
@Suite struct DatasetFuzzTests {
  static let table = (0..<12).map { "\($0),\(Double($0) / 7),-1e-3,\($0 % 3)\n" }.joined()

  @Test(arguments: 0..<10) func survivesDamagedTables(part: Int) {
    let format: CSVFormat = format()
    var mutations = ByteMutations(seed: UInt64(part), name: "csv")
    for _ in 0..<150 {
      let bytes = mutations.mutate(Array(Self.table.utf8))
      check(format, DataFiles(named: ["table": DataFile(path: "t", bytes: bytes)]), shape: [3]) {
        location in
        guard case .row("t", let line, _) = location else { return false }
        return (1...bytes.count { $0 == 10 } + 1).contains(line)
      }
    }
  }

  @Test(arguments: 0..<10, ["images", "labels"]) func survivesDamagedImages(part: Int, role: String)
  {
    let format: IDXFormat = format()
    var mutations = ByteMutations(seed: UInt64(part), name: role)
    for _ in 0..<150 {
      var bytes = ["images": IDXFormatTests.images, "labels": IDXFormatTests.labels]
      bytes[role] = mutations.mutate(bytes[role] ?? [])
      let files = bytes.map { ($0.key, DataFile(path: $0.key, bytes: $0.value)) }
      check(format, DataFiles(named: Dictionary(uniqueKeysWithValues: files)), shape: [1, 2, 2]) {
        location in
        guard case .file(let path, let offset?) = location else { return false }
        return (0...(bytes[path]?.count ?? -1)).contains(offset)
      }
    }
  }

  @Test(arguments: 0..<10) func survivesDamagedPictures(part: Int) {
    let format: ImagesFormat = format()
    var mutations = ByteMutations(seed: UInt64(part), name: "images")
    for _ in 0..<100 {
      let damaged = mutations.mutate(ImagesFormatTests.image(color: 2))
      let folders = (0..<3).map { label in
        DataFolder(name: "\(label)", paths: ["f"]) { DataFile(path: $0, bytes: damaged) }
      }
      check(format, DataFiles(folders: folders), shape: [3, 2, 3]) { location in
        guard case .file("f", let offset?) = location else { return false }
        return (0...damaged.count).contains(offset)
      }
    }
  }

  /// Valid files of one role, with the format that reads them.
  static let valid:
    [String: (format: any DatasetFormat, role: String, shape: [Int], bytes: [UInt8])] =
      [
        "cifar10": (format() as CIFAR10Format, "test_batch", [3, 32, 32], CIFARFormatTests.good),
        "cifar100": (
          format() as CIFAR100Format, "records", [3072], CIFARFormatTests.record([1, 2], 9)
        ),
        "svhn": (
          format() as SVHNFormat, "test", [3, 2, 3],
          SVHNFormatTests.mat(SVHNFormatTests.images, SVHNFormatTests.labels)
        ),
        "npz": (format() as NPZFormat, "arrays", [3, 1, 2], NPZFormatTests.good),
        "deflated npz": (
          format() as NPZFormat, "arrays", [3, 1, 2],
          zip(
            [("images.npy", NPZFormatTests.images), ("labels.npy", NPZFormatTests.labels)],
            isDeflated: true)
        ),
        "compressed svhn": (
          format() as SVHNFormat, "test", [3, 2, 3],
          SVHNFormatTests.mat(SVHNFormatTests.images, SVHNFormatTests.labels, isCompressed: true)
        ),
      ]

  @Test(arguments: valid.keys.sorted(), 0..<10) func survivesDamagedFiles(name: String, part: Int)
    throws
  {
    let (format, role, shape, bytes) = try #require(Self.valid[name])
    var mutations = ByteMutations(seed: UInt64(part), name: name)
    for _ in 0..<150 {
      let damaged = mutations.mutate(bytes)
      let files = DataFiles(named: [role: DataFile(path: "f", bytes: damaged)])
      check(format, files, shape: shape, classes: 10, split: .test) { location in
        guard case .file("f", let offset?) = location else { return false }
        return (0...damaged.count).contains(offset)
      }
    }
  }

  /// Data of the right shape with labels in range, or a fault in place.
  private func check(
    _ format: any DatasetFormat, _ files: DataFiles, shape: [Int], classes: Int = 3,
    split: DataSplit = .train,
    _ isPlace: (Diagnostic.Location) -> Bool
  ) {
    do throws(Failure) {
      let data = try format.decode(
        files, split: split, shape: shape, classes: classes)
      #expect(data.count > 0)
      #expect(data.labels.allSatisfy { (0..<classes).contains($0) })
      #expect(data.numbers.allSatisfy { $0.isFinite })
    } catch {
      #expect(!error.diagnostics.isEmpty)
      #expect(error.diagnostics.allSatisfy { isPlace($0.location) }, "\(error) \(files)")
    }
  }
}
