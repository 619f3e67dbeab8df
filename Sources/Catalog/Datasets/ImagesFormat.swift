import Diagnostics
import FileFormats
import ModelIR

/// PNG images in a folder with one sub-folder per class.
///
/// `train` and `test` name such folders. The sorted names of the sub-folders are the classes from 0;
/// there must be as many as classes, and the same in both. Every file in them is an image, except those
/// whose names start with a point. Images must have the size of the network's input; values are 0 to 255
/// as stored. Gray images also fit an input of three colors.
/// Samples are ordered by class, then by name.
/// Cost: one pass; one byte per value.
struct ImagesFormat: UnlabeledFormat {
  static let kind = "images"
  /// Faults after which decoding stops.
  private static let faultLimit = 8

  init(from reader: inout ConfigReader) {}

  var storedRange: ClosedRange<Double>? { 0...255 }

  func files(for split: DataSplit) -> DataRequest { .classFolders }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    try check(files, classes: classes)
    let (stored, labels) = try images(files, shape: shape)
    return LabeledData(shape: shape, stored: [stored], labels: labels)
  }

  func inputs(_ files: DataFiles, shape: [Int]) throws(Failure) -> LabeledData.Values {
    .stored([try images(files, shape: shape).stored])
  }

  /// The images of all folders, each labeled with its folder's place.
  private func images(
    _ files: DataFiles, shape: [Int]
  ) throws(Failure) -> (stored: StoredSamples, labels: [Int]) {
    let sink = files.workspace.makeSink()
    var labels: [Int] = []
    var faults: [Diagnostic] = []
    for (label, folder) in files.folders.enumerated() {
      for path in folder.paths where faults.count < Self.faultLimit {
        do throws(Failure) {
          try sink.append(values(try folder.open(path), shape: shape)[...])
          labels.append(label)
        } catch { faults += error.diagnostics }
      }
    }
    guard faults.isEmpty else { throw Failure(faults) }
    guard !labels.isEmpty else { throw fault("empty", "there are no images", files) }
    let size = shape.reduce(1, *)
    let stored = StoredSamples(
      try sink.finish(), .uint8, start: 0, stride: size, count: labels.count, size: size)
    return (stored, labels)
  }

  private func check(_ files: DataFiles, classes: Int) throws(Failure) {
    guard files.folders.count != classes else { return }
    let names = files.folders.prefix(20).map { $0.name.quoted }.joined(separator: ", ")
    throw fault(
      "class-folders",
      "the folder needs a sub-folder for each of the \(classes) classes, found "
        + (names.isEmpty ? "none" : "\(files.folders.count): \(names)"), files)
  }

  /// An image's values, channel after channel.
  private func values(_ file: DataFile, shape: [Int]) throws(Failure) -> [UInt8] {
    try file.require(.png, for: Self.kind)
    let image = try PNGImage(file.source, FileFault(.data, path: file.path))
    let (channels, height, width) = (
      image.header.channels, image.header.height, image.header.width
    )
    // Every color of a gray image is its gray.
    let isRepeated = channels == 1 && shape.count == 3 && shape[0] == 3
    let extents = [isRepeated ? 3 : channels, height, width]
    try file.check(extents, fits: shape, at: 16)
    let bytes = try image.pixels()
    return stridedOffsets(extents, strides: [isRepeated ? 0 : 1, width * channels, channels])
      .map { bytes[$0] }
  }

  private func fault(_ rule: String, _ message: String, _ files: DataFiles) -> Failure {
    FileFault(.data, path: files.path)(rule, message, at: nil)
  }
}
