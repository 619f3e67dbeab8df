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
/// Cost: one pass over the images to verify their checksum, another where they are floats.
struct NPZFormat: UnlabeledFormat {
  static let kind = "npz"
  static let examples = ["", "{images: pixels, labels: digits, layout: nhwc}"]

  private enum ImageLayout: String, WordValue {
    case nchw, nhwc
  }

  private let images: String
  private let labels: String
  private let layout: ImageLayout

  init(from reader: inout ConfigReader) {
    images = reader.read("images", default: "auto", "the array of images")
    labels = reader.read("labels", default: "auto", "the array of labels")
    layout = reader.read(
      "layout", default: .nchw, "the order of the axes of images with channels")
  }

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
    let imageName = try archive.name(images, key: "images", among: imageNames(split))
    let images = try archive.array(imageName, ranks: 2...8)
    let labelName = try archive.name(labels, key: "labels", among: labelNames(split))
    let labels = try archive.array(labelName, ranks: 1...2)
    try file.check(
      (labels.name, labels.extents), matches: (images.name, images.extents[0]), at: labels.offset)
    let stored = try samples(images, of: file, fits: shape)
    return LabeledData(
      shape: shape, stored: [stored],
      labels: try self.classes(labels, of: file, count: stored.count, classes: classes))
  }

  func inputs(_ files: DataFiles, shape: [Int]) throws(Failure) -> LabeledData.Values {
    let file = files["arrays"]
    var archive = try NPZArchive(file, in: files.workspace)
    let usual = imageNames(.test) + imageNames(.train).prefix(2)
    let name = try archive.name(images, key: "images", among: usual)
    return .stored([try samples(try archive.array(name, ranks: 2...8), of: file, fits: shape)])
  }

  private func imageNames(_ split: DataSplit) -> [String] {
    ["x_\(split.rawValue)", "\(split.rawValue)_images", "images", "image", "data", "x", "X"]
  }

  private func labelNames(_ split: DataSplit) -> [String] {
    ["y_\(split.rawValue)", "\(split.rawValue)_labels", "labels", "label", "y"]
  }

  private func samples(
    _ images: NPZArchive.Member, of file: DataFile, fits shape: [Int]
  ) throws(Failure) -> StoredSamples {
    let stored = Array(images.extents.dropFirst())
    let isChannelsLast =
      layout == .nhwc && (stored.count == 3 || stored.count == 2 && shape.count == 2)
    let image = isChannelsLast ? [stored[stored.count - 1]] + stored.dropLast() : stored
    try file.check(image, fits: shape, at: images.offset)
    let size = image.reduce(1, *)
    return StoredSamples(
      images.source, images.element, start: images.start, stride: size * images.element.size,
      count: images.extents[0], size: size, order: isChannelsLast ? channelsLast(image) : nil)
  }

  /// For each element of an image [C, …] its offset where the channels are stored last.
  private func channelsLast(_ image: [Int]) -> [Int] {
    let pixels = image.dropFirst().reduce(1, *)
    return stridedOffsets([image[0], pixels], strides: [1, image[0]])
  }

  private func classes(
    _ labels: NPZArchive.Member, of file: DataFile, count: Int, classes: Int
  ) throws(Failure) -> [Int] {
    let numbers = try labels.element.values(of: labels.source, at: labels.start, count: count)
    return try numbers.enumerated().map { sample, number throws(Failure) in
      guard let label = Int(exactly: number), (0..<classes).contains(label) else {
        throw file.labelFault(
          "\(number)", sample: sample, classes: classes, at: labels.offset)
      }
      return label
    }
  }
}

/// The arrays of an npz file by name.
private struct NPZArchive {
  /// An array in C order.
  struct Member {
    let name: String
    let extents: [Int]
    let element: ElementType
    let source: any ByteSource
    /// The offset of the elements in the source.
    let start: Int
    /// The offset in the file, for messages.
    let offset: Int
  }

  private let file: DataFile
  /// Sorted.
  private let names: [String]
  private let archive: ZipArchive
  private let workspace: any ByteWorkspace
  /// Bytes to which further entries may expand.
  private var budget: Int

  init(_ file: DataFile, in workspace: any ByteWorkspace) throws(Failure) {
    self.file = file
    self.workspace = workspace
    archive = try ZipArchive(file.source, FileFault(.data, path: file.path))
    names = archive.entries.map(\.name).filter { $0.hasSuffix(".npy") }
      .map { String($0.dropLast(4)) }.sorted()
    budget = Inflation.limit(forCompressed: file.source.count)
  }

  /// The name that the spec gives, or for `auto` the only usual one in the file.
  func name(_ given: String, key: String, among usual: [String]) throws(Failure) -> String {
    guard given == "auto" else { return given }
    let present = usual.filter(names.contains)
    let help = "name the array with '\(key)'"
    guard let first = present.first else {
      let names = names.prefix(20).map(\.quoted).joined(separator: ", ")
      throw file.fault(
        "missing-array",
        "expected an array of \(key) with a usual name, found \(names.isEmpty ? "none" : names)",
        at: 0, help: help)
    }
    guard present.count == 1 else {
      let names = present.map(\.quoted).joined(separator: ", ")
      throw file.fault(
        "ambiguous-array", "expected one array of \(key), found \(names)", at: 0, help: help)
    }
    return first
  }

  /// An array of one of the ranks.
  mutating func array(_ name: String, ranks: ClosedRange<Int>) throws(Failure) -> Member {
    let found = archive.entries.filter { $0.name == name + ".npy" }
    guard let entry = found.first else {
      throw file.fault(
        "missing-array", "the file has no array \(name.quoted)", at: 0,
        help: Suggestion.help(for: name, in: names, kind: "there are"))
    }
    guard found.count == 1 else {
      throw file.fault("duplicate-array", "duplicate array '\(name)'", at: entry.offset)
    }
    let contents = try archive.contents(of: entry, limit: budget, in: workspace)
    budget -= contents.count
    switch try NPYHeader.read(contents) {
    case .failure(let fault):
      throw file.fault("array", "'\(name)' \(fault.message)", at: entry.offset)
    case .success(let header):
      let member = try member(name, header, contents, ranks: ranks, at: entry.offset)
      try checkFinite(member)
      return member
    }
  }

  private func member(
    _ name: String, _ header: NPYHeader, _ source: any ByteSource, ranks: ClosedRange<Int>,
    at offset: Int
  ) throws(Failure) -> Member {
    guard let element = ElementType(numpy: header.description) else {
      throw file.fault(
        "element-type",
        "'\(name)' must have little-endian integers or floats, found '\(header.description)'",
        at: offset)
    }
    guard ranks.contains(header.shape.count), !header.shape.contains(0) else {
      throw file.fault(
        "rank",
        "'\(name)' must have \(ranks.lowerBound) to \(ranks.upperBound) axes of at least 1, found "
          + header.shape.shapeText, at: offset)
    }
    let bytes = source.count - header.start
    guard let count = header.shape.checkedProduct,
      !count.multipliedReportingOverflow(by: element.size).overflow, count * element.size == bytes
    else {
      throw file.fault(
        "array", "'\(name)' of shape \(header.shape.shapeText) does not fit its \(bytes) bytes",
        at: offset)
    }
    guard !header.isFortran || header.shape.count == 1 else {
      throw file.fault(
        "array-order", "'\(name)' must be in C order, found Fortran order", at: offset,
        help: "save numpy.ascontiguousarray of it")
    }
    return Member(
      name: name, extents: header.shape, element: element, source: source, start: header.start,
      offset: offset)
  }

  private func checkFinite(_ array: Member) throws(Failure) {
    guard array.element.mayOverflow else { return }
    let size = array.element.size
    try array.source.forEachPiece(
      of: array.start..<array.source.count, size: size << 15
    ) { piece, offset throws(Failure) in
      let wrong = piece.withUnsafeBytes { raw in
        stride(from: 0, to: raw.count, by: size)
          .first { !Float(array.element.value(at: $0, of: raw)).isFinite }
      }
      guard let wrong else { return }
      throw file.fault(
        "not-finite",
        "'\(array.name)' must be finite in float32, element "
          + "\((offset + wrong - array.start) / size) is not", at: array.offset)
    }
  }
}

extension ElementType {
  /// The type with a description of NumPy; nil for others, big-endian ones among them.
  fileprivate init?(numpy description: String) {
    switch description {
    case "|u1": self = .uint8
    case "|i1": self = .int8
    case "<u2": self = .uint16
    case "<i2": self = .int16
    case "<u4": self = .uint32
    case "<i4": self = .int32
    case "<u8": self = .uint64
    case "<i8": self = .int64
    case "<f4": self = .float32
    case "<f8": self = .float64
    default: return nil
    }
  }
}
