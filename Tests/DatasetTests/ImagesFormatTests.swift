import Diagnostics
import FileFixtures
import ModelIR
import Testing

@testable import Catalog

@Suite struct ImagesFormatTests {
  /// A 3 × 2 image whose samples are 10 × column + 100 × row + place.
  static func image(color: Int) -> [UInt8] {
    var png = PNGFixture()
    (png.width, png.height, png.color) = (3, 2, color)
    png.sample = { x, y, place in 10 * x + 100 * y + place }
    return png.file()
  }

  static let rgb: [Float] = [0, 1, 2].flatMap { c in [0, 10, 20, 100, 110, 120].map { $0 + c } }
  static let gray: [Float] = [0, 10, 20, 100, 110, 120]

  /// Folders by name with files by name.
  func decode(
    _ folders: [(String, [(String, [UInt8])])], shape: [Int] = [3, 2, 3], classes: Int = 2
  ) throws(Failure) -> LabeledData {
    let format: ImagesFormat = format()
    let folders = folders.map { name, files in
      let bytes = Dictionary(uniqueKeysWithValues: files)
      return DataFolder(name: name, paths: files.map(\.0)) { path in
        DataFile(path: path, bytes: bytes[path] ?? [])
      }
    }
    return try format.decode(
      DataFiles(path: "d", folders: folders), split: .train, shape: shape, classes: classes)
  }

  @Test func readsColorsAndGrays() throws {
    let folders = [
      ("cat", [("1", Self.image(color: 2)), ("2", Self.image(color: 0))]),
      ("dog", [("3", Self.image(color: 2))]),
    ]
    let data = try decode(folders)
    #expect(data.labels == [0, 0, 1])
    #expect(data.numbers == Self.rgb + Self.gray + Self.gray + Self.gray + Self.rgb)
  }

  @Test(arguments: [[1, 2, 3], [2, 3], [6]]) func readsGrays(shape: [Int]) throws {
    let data = try decode(
      [("a", []), ("b", [("1", Self.image(color: 0))])], shape: shape)
    #expect(data.labels == [1])
    #expect(data.numbers == Self.gray)
  }

  @Test func reportsEveryImageThatIsNone() {
    let found = faults { () throws(Failure) in
      try decode([
        ("a", [("1", Self.image(color: 2)), ("2", [0xFF, 0xD8, 0xFF, 0xE0]), ("3", [])]),
        (
          "b",
          [("4", Array(Self.image(color: 2).dropLast())), ("5", Array(repeating: 7, count: 9))]
        ),
      ])
    }
    #expect(
      found == [
        "data.format 2@0", "data.format 3@0",
        "data.truncated 4@\(Self.image(color: 2).count - 1)", "data.format 5@0",
      ])
    let many = (0..<50).map { ("\($0)", [UInt8]()) }
    #expect(faults { () throws(Failure) in try decode([("a", many), ("b", many)]) }.count == 8)
  }

  @Test func rejectsOtherSizesAndFolders() {
    let image = Self.image(color: 2)
    let folders = [("a", [("1", image)]), ("b", [])]
    #expect(
      faults { () throws(Failure) in try decode(folders, shape: [3, 3, 2]) } == ["data.shape 1@16"])
    #expect(
      faults { () throws(Failure) in try decode(folders, shape: [1, 2, 3]) } == ["data.shape 1@16"])
    #expect(
      faults { () throws(Failure) in try decode(folders, classes: 3) } == ["data.class-folders d"])
    #expect(faults { () throws(Failure) in try decode([]) } == ["data.class-folders d"])
    #expect(
      faults { () throws(Failure) in try decode([("a", []), ("b", [])]) } == ["data.empty d"])
  }
}
