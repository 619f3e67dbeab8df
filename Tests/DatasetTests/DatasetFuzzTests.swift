import Diagnostics
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
      check(format, ["table": DataFile(path: "t", bytes: bytes)], shape: [3]) { location in
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
      check(format, Dictionary(uniqueKeysWithValues: files), shape: [1, 2, 2]) { location in
        guard case .file(let path, let offset?) = location else { return false }
        return (0...(bytes[path]?.count ?? -1)).contains(offset)
      }
    }
  }

  /// Data of the right shape with labels in range, or a fault in place.
  private func check(
    _ format: any DatasetFormat, _ files: [String: DataFile], shape: [Int],
    _ isPlace: (Diagnostic.Location) -> Bool
  ) {
    do throws(Failure) {
      let data = try format.decode(DataFiles(named: files), split: .train, shape: shape, classes: 3)
      #expect(data.count > 0)
      #expect(data.labels.allSatisfy { (0..<3).contains($0) })
      #expect(data.numbers.allSatisfy { $0.isFinite })
    } catch {
      #expect(!error.diagnostics.isEmpty)
      #expect(error.diagnostics.allSatisfy { isPlace($0.location) }, "\(error) \(files)")
    }
  }
}
