import Diagnostics
import FileFormats
import ModelIR

/// The cropped digits of SVHN in MATLAB 5 files, plain or compressed.
///
/// `train` and `test` name a file, or a folder with `train_32x32.mat` and `test_32x32.mat`; with
/// `extra` the samples of `extra_32x32.mat` in the same folder follow those of `train`. A file holds
/// `X`, unsigned bytes [height, width, colors, N], and `y`, N labels from 1 to 10, of which 10 is the
/// digit 0.
/// Cost: one pass to decompress; images are then read when they are used.
/// Reference: Y. Netzer and others, Reading digits in natural images with unsupervised feature
/// learning, 2011.
struct SVHNFormat: DatasetFormat {
  static let kind = "svhn"
  static let examples = ["", "{extra: true}"]

  private let hasExtra: Bool

  init(from reader: inout ConfigReader) {
    hasExtra = reader.read(
      "extra", default: false, "whether the additional images are trained on too")
  }

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
      let images = try images(contents, of: file, shape: shape)
      parts.append(images)
      labels += try self.labels(contents, of: file, count: images.count, classes: classes)
    }
    return LabeledData(shape: shape, stored: parts, labels: labels)
  }

  private func variable(
    _ name: String, of contents: MATLABFile, _ file: DataFile
  ) throws(Failure) -> MATLABFile.Variable {
    if let variable = contents.variables[name] { return variable }
    throw file.fault(
      "missing-array", "an SVHN file holds 'X' and 'y', '\(name)' is missing", at: 128,
      help: Suggestion.help(for: name, in: contents.names, kind: "the file has"))
  }

  private func images(
    _ contents: MATLABFile, of file: DataFile, shape: [Int]
  ) throws(Failure) -> StoredSamples {
    let images = try variable("X", of: contents, file)
    // MATLAB drops a last extent of 1.
    let extents = images.extents.count == 3 ? images.extents + [1] : images.extents
    guard images.element == .uint8 else {
      throw file.fault(
        "element-type", "'X' must have unsigned bytes, found \(images.element.rawValue)",
        at: images.offset)
    }
    guard extents.count == 4, !extents.contains(0) else {
      throw file.fault(
        "rank",
        "'X' must have shape [height, width, colors, N], found \(images.extents.shapeText)",
        at: images.offset)
    }
    let (height, width, colors) = (extents[0], extents[1], extents[2])
    try file.check([colors, height, width], fits: shape, at: images.offset)
    let order = stridedOffsets(
      [colors, height, width], strides: [height * width, 1, height])
    return StoredSamples(
      images.source, .uint8, start: images.start, stride: order.count, count: extents[3],
      size: order.count, order: order)
  }

  private func labels(
    _ contents: MATLABFile, of file: DataFile, count: Int, classes: Int
  ) throws(Failure) -> [Int] {
    let variable = try variable("y", of: contents, file)
    try file.check(("y", variable.extents), matches: ("X", count), at: variable.offset)
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
          "\(label % 10)", sample: sample, classes: classes, at: variable.offset)
      }
      return label % 10
    }
  }
}
