import Diagnostics
import FileFormats
import ModelIR

/// Images and labels as arrays of NumPy in one npz file.
///
/// `train` and `test` name a file, or a folder with `train.npz` and `test.npz`; both may name the same
/// file. Images are [N, …] and labels [N] or [N, 1], of little-endian integers or floats, in C order.
/// With `layout: nhwc` the last axis of images of three axes is the channels, and of images of two where the
/// network's input has two; images without such an axis are as they are.
/// Where `images` or `labels` is `auto`, the file must hold one array of a usual name: `x_train`,
/// `train_images`, `images`, `image`, `data`, `x` or `X`; `y_train`, `train_labels`, `labels`, `label` or
/// `y`; for the test data with `test` in place of `train`.
/// Cost: one pass over the images to verify their check sum, another where they are floats.
struct NPZFormat: DatasetFormat {
  static let kind = "npz"
  static let keys: [SpecKeyDescription] = [
    images.description, labels.description, layout.description,
  ]

  private static let images = SpecKey<String>(
    "images", default: "auto", "the array of images")
  private static let labels = SpecKey<String>(
    "labels", default: "auto", "the array of labels")
  private static let layout = SpecKey<ImageLayout>(
    "layout", default: .nchw, "the order of the axes of images with channels")

  let images: String?
  let labels: String?
  let layout: ImageLayout

  init?(from reader: inout ConfigReader) {
    let images = reader.read(Self.images)
    let labels = reader.read(Self.labels)
    let layout = reader.read(Self.layout)
    guard let images, let labels, let layout else { return nil }
    self.images = images == "auto" ? nil : images
    self.labels = labels == "auto" ? nil : labels
    self.layout = layout
  }

  /// Any number.
  var storedRange: ClosedRange<Double>? { nil }

  func files(for split: DataSplit) -> DataRequest {
    .files([DataFileRequest("arrays", candidates: ["\(split.rawValue).npz"])])
  }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    let file = files["arrays"]
    try file.require(.zip, for: Self.kind)
    var archive = try NPZArchive(file, in: files.workspace)
    let images = try archive.array(
      try name(images, among: Self.imageNames(split), key: "images", archive), ranks: 2...8)
    let labels = try archive.array(
      try name(labels, among: Self.labelNames(split), key: "labels", archive), ranks: 1...2)
    guard labels.extents.filter({ $0 != 1 }) == [images.extents[0]].filter({ $0 != 1 }) else {
      throw file.fault(
        "count",
        "each image needs one label: '\(labels.name)' is \(labels.extents.shapeText), "
          + "'\(images.name)' \(images.extents.shapeText)", at: labels.offset)
    }
    let stored = try samples(images, of: file, fits: shape)
    return LabeledData(
      shape: shape, stored: [stored],
      labels: try Self.classes(labels, of: file, count: stored.count, classes: classes))
  }

  private func samples(
    _ images: NPZArchive.Member, of file: DataFile, fits shape: [Int]
  ) throws(Failure) -> StoredSamples {
    let stored = Array(images.extents.dropFirst())
    let isChannelsLast =
      layout == .nhwc && (stored.count == 3 || stored.count == 2 && shape.count == 2)
    let channels = isChannelsLast ? stored[stored.count - 1] : 1
    let image = isChannelsLast ? [channels] + stored.dropLast() : stored
    try file.check(image, fits: shape, at: images.offset)
    let size = image.reduce(1, *)
    let pixels = size / channels
    let order =
      isChannelsLast ? (0..<size).map { $0 % pixels * channels + $0 / pixels } : nil
    return StoredSamples(
      images.source, images.element, start: images.start, stride: size * images.element.size,
      count: images.extents[0], size: size, order: order)
  }

  private static func classes(
    _ labels: NPZArchive.Member, of file: DataFile, count: Int, classes: Int
  ) throws(Failure) -> [Int] {
    let numbers = try labels.element.values(of: labels.source, at: labels.start, count: count)
    return try numbers.enumerated().map { sample, number throws(Failure) in
      guard let label = Int(exactly: number), (0..<classes).contains(label) else {
        throw file.fault(
          "label-range",
          "labels must be integers from 0 to \(classes - 1) ('classes' is \(classes)), found "
            + "\(number) for sample \(sample)", at: labels.offset)
      }
      return label
    }
  }
}

extension NPZFormat {
  /// The order of an image's axes.
  enum ImageLayout: String, WordValue {
    /// Channels first.
    case nchw
    /// Channels last.
    case nhwc
  }

  private static func imageNames(_ split: DataSplit) -> [String] {
    ["x_\(split.rawValue)", "\(split.rawValue)_images", "images", "image", "data", "x", "X"]
  }

  private static func labelNames(_ split: DataSplit) -> [String] {
    ["y_\(split.rawValue)", "\(split.rawValue)_labels", "labels", "label", "y"]
  }

  /// The name that the spec gives, or the only usual one in the file.
  private func name(
    _ given: String?, among usual: [String], key: String, _ archive: NPZArchive
  ) throws(Failure) -> String {
    if let given { return given }
    let present = usual.filter(archive.names.contains)
    let help = "name the array by '\(key)'"
    guard let first = present.first else {
      let names = archive.names.prefix(20).map(\.quoted).joined(separator: ", ")
      throw archive.file.fault(
        "missing-array",
        "no array of \(key) under a usual name, the file has \(names.isEmpty ? "none" : names)",
        at: 0, help: help)
    }
    guard present.count == 1 else {
      let names = present.map(\.quoted).joined(separator: ", ")
      throw archive.file.fault(
        "ambiguous-array", "several arrays may be the \(key): \(names)", at: 0, help: help)
    }
    return first
  }
}
