import Diagnostics
import FileFormats
import ModelIR

/// The cropped digits of SVHN in MATLAB 5 files, plain or compressed.
///
/// `train` and `test` name a file, or a folder with `train_32x32.mat` and `test_32x32.mat`; with
/// `extra` the samples of `extra_32x32.mat` in the same folder follow those of `train`. A file holds
/// `X`, unsigned bytes [height, width, colours, N], and `y`, N labels from 1 to 10, of which 10 is the
/// digit 0.
/// Cost: one pass to decompress; images are left where they are then.
/// Reference: Y. Netzer and others, Reading digits in natural images with unsupervised feature
/// learning, 2011.
struct SVHNFormat: DatasetFormat {
  static let kind = "svhn"
  static let keys: [SpecKeyDescription] = [extra.description]

  private static let extra = SpecKey<Bool>(
    "extra", default: false, "whether the additional images are trained on too")

  let hasExtra: Bool

  init?(from reader: inout ConfigReader) {
    guard let extra = reader.read(Self.extra) else { return nil }
    hasExtra = extra
  }

  /// Unsigned bytes.
  var storedRange: ClosedRange<Double>? { 0...255 }

  func files(for split: DataSplit) -> DataRequest {
    .files(names(split).map { DataFileRequest($0, candidates: [$0 + "_32x32.mat"]) })
  }

  private func names(_ split: DataSplit) -> [String] {
    switch split {
    case .train: hasExtra ? ["train", "extra"] : ["train"]
    case .test: ["test"]
    }
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    var parts: [StoredSamples] = []
    var labels: [Int] = []
    for name in names(split) {
      let file = files[name]
      try file.require(.matlab5, for: Self.kind)
      let contents = try MATLABFile(
        file.source, variables: ["X", "y"], FileFault(.data, path: file.path),
        in: files.workspace)
      let images = try Self.images(contents, of: file, shape: shape)
      parts.append(images)
      labels += try Self.labels(contents, of: file, count: images.count, classes: classes)
    }
    return LabeledData(shape: shape, stored: parts, labels: labels)
  }

  private static func variable(
    _ name: String, of contents: MATLABFile, _ file: DataFile
  ) throws(Failure) -> MATLABFile.Variable {
    if let variable = contents.variables[name] { return variable }
    throw file.fault(
      "missing-array", "an SVHN file holds 'X' and 'y', '\(name)' is missing", at: 128,
      help: Suggestion.help(for: name, in: contents.names, kind: "the file has"))
  }

  private static func images(
    _ contents: MATLABFile, of file: DataFile, shape: [Int]
  ) throws(Failure) -> StoredSamples {
    let images = try variable("X", of: contents, file)
    // MATLAB drops a last extent of 1.
    let extents = images.extents.count == 3 ? images.extents + [1] : images.extents
    guard images.element == .uint8 else {
      throw file.fault(
        "element-type", "'X' must be of unsigned bytes, found \(images.element.rawValue)",
        at: images.offset)
    }
    guard extents.count == 4, !extents.contains(0) else {
      throw file.fault(
        "rank", "'X' must be [height, width, colours, N], found \(images.extents.shapeText)",
        at: images.offset)
    }
    let (height, width, colours) = (extents[0], extents[1], extents[2])
    try file.check([colours, height, width], fits: shape, at: images.offset)
    let order = (0..<colours).flatMap { colour in
      (0..<height).flatMap { row in
        (0..<width).map { row + height * ($0 + width * colour) }
      }
    }
    return StoredSamples(
      images.source, .uint8, start: images.start, stride: order.count, count: extents[3],
      size: order.count, order: order)
  }

  private static func labels(
    _ contents: MATLABFile, of file: DataFile, count: Int, classes: Int
  ) throws(Failure) -> [Int] {
    let variable = try variable("y", of: contents, file)
    guard variable.extents.filter({ $0 != 1 }) == [count].filter({ $0 != 1 }) else {
      throw file.fault(
        "count",
        "each image needs one label: 'y' is \(variable.extents.shapeText), 'X' has \(count) images",
        at: variable.offset)
    }
    let numbers = try variable.element.values(
      of: variable.source, at: variable.start, count: count)
    return try numbers.enumerated().map { sample, number throws(Failure) in
      guard let label = Int(exactly: number), (1...10).contains(label) else {
        throw file.fault(
          "label-range", "labels of SVHN are 1 to 10, found \(number) for sample \(sample)",
          at: variable.offset)
      }
      guard label % 10 < classes else {
        throw file.labelFault(
          label % 10, sample: sample, classes: classes, at: variable.offset)
      }
      return label % 10
    }
  }
}
