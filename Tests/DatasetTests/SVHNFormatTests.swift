import Diagnostics
import FileFixtures
import ModelIR
import Testing

@testable import Catalog

@Suite struct SVHNFormatTests {
  /// Two images of 2 rows, 3 columns and 3 colors.
  static let pixels = (0..<36).map { UInt8($0) }
  static let images = matlabMatrix("X", class: 9, [2, 3, 3, 2], type: 2, pixels)
  static let labels = matlabMatrix("y", class: 6, [2, 1], type: 2, [10, 3])

  func decode(
    _ bytes: [UInt8], extra: [UInt8]? = nil, shape: [Int] = [3, 2, 3], classes: Int = 10
  ) throws(Failure) -> LabeledData {
    let format: SVHNFormat = format(("extra", extra == nil ? "false" : "true"))
    var files = ["train": DataFile(path: "m", bytes: bytes)]
    files["extra"] = extra.map { DataFile(path: "e", bytes: $0) }
    return try format.decode(
      DataFiles(named: files), split: .train, shape: shape, classes: classes)
  }

  @Test(arguments: [false, true], [[3, 2, 3], [18]])
  func decodesImagesAndLabels(isCompressed: Bool, shape: [Int]) throws {
    let others = matlabMatrix(
      "a_longer_name", class: 6, [1, 1], type: 9, Array(repeating: 0, count: 8))
    let file = matlabFile([others, Self.labels, Self.images], isCompressed: isCompressed)
    let data = try decode(file, shape: shape)
    #expect(data.labels == [0, 3])
    // Columns come first in the file: the value of color c, row r, column k is 6c + 2k + r.
    let first: [Float] = [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11, 12, 14, 16, 13, 15, 17]
    #expect(data.numbers == first + first.map { $0 + 18 })
  }

  @Test func addsTheExtraImages() throws {
    let file = matlabFile([Self.images, Self.labels], isCompressed: true)
    let one = matlabFile(
      [
        matlabMatrix("X", class: 9, [2, 3, 3], type: 2, Array(Self.pixels[..<18])),
        matlabMatrix("y", class: 9, [1, 1], type: 9, little(0x4010_0000 << 32, 8)),
      ], isCompressed: false)
    let data = try decode(file, extra: one)
    #expect(data.labels == [0, 3, 4])
    #expect(data.numbers.count == 54 && data.numbers[36..<54] == data.numbers[..<18])
  }

  static func mat(_ matrices: [UInt8]..., isCompressed: Bool = false) -> [UInt8] {
    matlabFile(matrices, isCompressed: isCompressed)
  }

  @Test(
    arguments: [
      ([], "data.format m@0"),
      (idx([2, 2], [1, 2, 3, 4]), "data.format m@0"),
      (Array(mat().prefix(100)), "data.truncated m@100"),
      (mat(), "data.missing-array m@128"),
      (mat(images), "data.missing-array m@128"),
      (mat(images, labels).dropLast(), "data.truncated m@\(128 + images.count)"),
      (mat(images, images, labels), "data.duplicate-array m@\(128 + images.count)"),
      (mat(images, isCompressed: true).dropLast(), "data.truncated m@128"),
      (
        mat(
          matlabMatrix("X", class: 6, [2, 3, 3, 2], type: 9, Array(repeating: 0, count: 288)),
          labels),
        "data.element-type m@128"
      ),
      (mat(matlabMatrix("X", class: 9, [6, 6], type: 2, pixels), labels), "data.rank m@128"),
      (
        mat(matlabMatrix("X", class: 9, [2, 2, 3, 3], type: 2, pixels), labels), "data.shape m@128"
      ),
      (
        mat(matlabMatrix("X", class: 9, [2, 3, 3, 3], type: 2, pixels), labels),
        "data.mat-element m@128"
      ),
      (
        mat(matlabMatrix("X", class: 1, [2, 3, 3, 2], type: 2, pixels), labels),
        "data.mat-class m@128"
      ),
      (
        mat(matlabMatrix("X", class: 9, [2, 3, 3, 2], type: 2, pixels, flags: 0x0800), labels),
        "data.mat-class m@128"
      ),
      (
        mat(images, matlabMatrix("y", class: 6, [3, 1], type: 2, [1, 2, 3])),
        "data.count m@\(128 + images.count)"
      ),
      (
        mat(images, matlabMatrix("y", class: 6, [2, 1], type: 2, [1, 0])),
        "data.label-range m@\(128 + images.count)"
      ),
      (mat(little(9, 4) + little(0, 4)), "data.mat-element m@128"),
    ] as [([UInt8], String)])
  func rejects(bytes: [UInt8], fault: String) {
    #expect(faults { () throws(Failure) in try decode(Array(bytes)) } == [fault])
  }

  @Test func rejectsOtherHeaders() {
    var bytes = Self.mat(Self.images, Self.labels)
    bytes[126] = UInt8(ascii: "M")
    #expect(faults { () throws(Failure) in try decode(bytes) } == ["data.mat-byte-order m@126"])
    bytes = Self.mat(Self.images, Self.labels)
    bytes[125] = 2
    #expect(faults { () throws(Failure) in try decode(bytes) } == ["data.mat-version m@124"])
  }

  @Test func rejectsDamagedCompression() {
    let bytes = Self.mat(Self.images, Self.labels, isCompressed: true)
    for offset in 136..<bytes.count - 8 {
      var changed = bytes
      changed[offset] ^= 0xFF
      let found = faults { () throws(Failure) in try decode(changed) }
      #expect(found.count == 1, "\(offset)")
    }
    let bomb = matlabMatrix(
      "X", class: 9, [2, 3, 3, 1 << 20], type: 2, Array(repeating: 0, count: 18 << 20))
    let found = faults { () throws(Failure) in try decode(Self.mat(bomb, isCompressed: true)) }
    #expect(found == ["data.mat-expansion m@128"])
  }

  @Test func limitsLabelsToTheClasses() {
    let bytes = Self.mat(Self.images, Self.labels)
    let found = faults { () throws(Failure) in try decode(bytes, classes: 3) }
    #expect(found == ["data.label-range m@\(128 + Self.images.count)"])
  }
}
