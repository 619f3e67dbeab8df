import Diagnostics
import ModelIR
import Testing

@testable import Catalog

@Suite struct IDXFormatTests {
  static let images = idx([3, 2, 2], Array(0..<12))
  static let labels = idx([3], [2, 0, 1])

  func decode(
    _ images: [UInt8], _ labels: [UInt8], shape: [Int] = [1, 2, 2], classes: Int = 3
  ) throws(Failure) -> LabeledData {
    let format: IDXFormat = format()
    return try format.decode(
      DataFiles(named: [
        "images": DataFile(path: "images", bytes: images),
        "labels": DataFile(path: "labels", bytes: labels),
      ]), split: .train, shape: shape, classes: classes)
  }

  @Test(arguments: [[1, 2, 2], [2, 2], [4]])
  func decodesImagesAndLabels(shape: [Int]) throws {
    let data = try decode(Self.images, Self.labels, shape: shape)
    #expect(data.shape == shape)
    #expect(data.numbers == (0..<12).map(Float.init))
    #expect(data.labels == [2, 0, 1])
  }

  @Test func namesTheFilesOfMNIST() {
    let format: IDXFormat = format()
    guard case .files(let requests) = format.files(for: .test) else {
      Issue.record("no files")
      return
    }
    #expect(
      requests.map(\.candidates.first) == [
        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
      ])
  }

  @Test(
    arguments: [
      ([], "data.empty images@0"),
      ([0, 0, 8], "data.truncated images@3"),
      ([0x1F, 0x8B, 8, 3], "data.format images@0"),
      (idx([3, 2, 2], Array(0..<12), type: 0x0D), "data.element-type images@2"),
      (idx([3], [1, 2, 3]), "data.rank images@3"),
      (Array(Self.images.prefix(10)), "data.truncated images@10"),
      (Array(Self.images.dropLast()), "data.truncated images@27"),
      (Self.images + [0], "data.trailing-bytes images@28"),
      (idx([0, 2, 2], []), "data.empty images@4"),
      (idx(Array(repeating: 0xFFFF_FFFF, count: 4), []), "data.size-overflow images@4"),
      (idx([0xFFFF_FFFF, 0xFFFF], []), "data.truncated images@12"),
      (idx([2, 2, 2], Array(0..<8)), "data.count labels@4"),
      (idx([3, 4], Array(0..<12)), "data.shape images@8"),
    ] as [([UInt8], String)])
  func rejectsImages(images: [UInt8], fault: String) {
    #expect(faults { () throws(Failure) in try decode(images, Self.labels) } == [fault])
  }

  @Test(
    arguments: [
      (idx([3], [2, 0, 3]), "data.label-range labels@10"),
      (idx([3, 1], [2, 0, 1]), "data.rank labels@3"),
      (idx([4], [2, 0, 1, 1]), "data.count labels@4"),
    ] as [([UInt8], String)])
  func rejectsLabels(labels: [UInt8], fault: String) {
    #expect(faults { () throws(Failure) in try decode(Self.images, labels) } == [fault])
  }
}
