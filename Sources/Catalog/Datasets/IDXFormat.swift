import Diagnostics
import FileFormats
import ModelIR

/// Images and labels in two IDX files of unsigned bytes under MNIST's names, plain or gzip.
///
/// `train` and `test` name a folder with `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or
/// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte` (a point instead of the second hyphen and
/// an ending `.gz` are accepted); or one of these files, whose folder then holds the other.
/// Images [N, …] fit a network whose input has the same extents, apart from extents of 1, or is one
/// axis of as many values.
/// Cost: the labels are read; images are read when they are used.
/// Reference: Y. LeCun, C. Cortes, C. Burges, the MNIST database.
struct IDXFormat: DatasetFormat {
  static let kind = "idx"

  init(from reader: inout ConfigReader) {}

  var storedRange: ClosedRange<Double>? { 0...255 }

  func files(for split: DataSplit) -> DataRequest {
    let prefix =
      switch split {
      case .train: "train"
      case .test: "t10k"
      }
    return .files(
      [("images", "idx3"), ("labels", "idx1")].map { role, rank in
        DataFileRequest(
          role, candidates: ["\(prefix)-\(role)-\(rank)-ubyte", "\(prefix)-\(role).\(rank)-ubyte"])
      })
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    let (imageFile, labelFile) = (files["images"], files["labels"])
    let images = try IDXArray(imageFile, ranks: 2...8)
    let labels = try IDXArray(labelFile, ranks: 1...1)
    let count = images.extents[0]
    guard count == labels.extents[0] else {
      throw labelFile.fault(
        "count",
        "each image needs one label: found \(labels.extents[0]) labels, and \(count) images in "
          + "'\(imageFile.path)'", at: 4)
    }
    let image = Array(images.extents.dropFirst())
    try imageFile.check(image, fits: shape, at: 8)
    let size = image.reduce(1, *)
    let stored = StoredSamples(
      imageFile.source, .uint8, start: images.start, stride: size, count: count, size: size)
    return LabeledData(
      shape: shape, stored: [stored],
      labels: try self.labels(labels, of: labelFile, classes: classes))
  }

  private func labels(
    _ array: IDXArray, of file: DataFile, classes: Int
  ) throws(Failure) -> [Int] {
    let labels = try file.source.bytes(array.start..<array.start + array.extents[0]).map { Int($0) }
    if let wrong = labels.firstIndex(where: { $0 >= classes }) {
      throw file.labelFault(
        "\(labels[wrong])", sample: wrong, classes: classes, at: array.start + wrong)
    }
    return labels
  }
}

/// An IDX file of unsigned bytes: two zero bytes, the element type, the rank, big-endian extents,
/// elements.
///
/// Sizes are compared with the file before anything is allocated.
private struct IDXArray {
  /// The extent of each axis, the first of them the number of samples.
  let extents: [Int]
  /// The offset of the elements, row-major.
  let start: Int

  private static let unsignedByte: UInt8 = 0x08
  private static let typeNames: [UInt8: String] = [
    0x08: "unsigned byte", 0x09: "signed byte", 0x0B: "16-bit integer", 0x0C: "32-bit integer",
    0x0D: "32-bit float", 0x0E: "64-bit float",
  ]

  /// Reads the header of a file whose rank must lie in `ranks`.
  init(_ file: DataFile, ranks: ClosedRange<Int>) throws(Failure) {
    let count = file.source.count
    let rank = try Self.rank(file, in: ranks)
    start = 4 + 4 * rank
    guard count >= start else {
      throw file.fault(
        "truncated", "an IDX header of rank \(rank) has \(start) bytes, the file has \(count)",
        at: count)
    }
    let header = try file.source.prefix(start)
    extents = stride(from: 4, to: start, by: 4).map { Self.bigEndian(header, at: $0) }
    try checkSize(of: file)
  }

  private func checkSize(of file: DataFile) throws(Failure) {
    let found = file.source.count - start
    guard let required = extents.checkedProduct else {
      throw file.fault(
        "size-overflow",
        "the header declares \(extents.shapeText) elements, more than any file holds",
        at: 4)
    }
    guard required > 0 else {
      throw file.fault("empty", "the header declares \(extents.shapeText), no elements", at: 4)
    }
    guard found == required else {
      throw file.fault(
        found < required ? "truncated" : "trailing-bytes",
        "\(extents.shapeText) needs \(required) bytes after the header, found \(found)",
        at: start + min(found, required))
    }
  }

  /// The rank that the first bytes state.
  private static func rank(_ file: DataFile, in ranks: ClosedRange<Int>) throws(Failure) -> Int {
    let bytes = try file.source.prefix(4)
    guard bytes.count == 4 else {
      throw file.fault(
        bytes.isEmpty ? "empty" : "truncated",
        "an IDX file starts with 4 magic bytes, the file has \(bytes.count)", at: bytes.count)
    }
    try file.require(.idx, for: IDXFormat.kind)
    guard bytes[2] == unsignedByte else {
      let name = typeNames[bytes[2]] ?? "unknown"
      throw file.fault(
        "element-type", "elements must be unsigned bytes (type 8), found type \(bytes[2]), \(name)",
        at: 2)
    }
    guard ranks.contains(Int(bytes[3])) else {
      let required =
        ranks.count == 1 ? "\(ranks.lowerBound)" : "\(ranks.lowerBound) to \(ranks.upperBound)"
      throw file.fault("rank", "the rank must be \(required), found \(bytes[3])", at: 3)
    }
    return Int(bytes[3])
  }

  private static func bigEndian(_ bytes: [UInt8], at offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }
}
