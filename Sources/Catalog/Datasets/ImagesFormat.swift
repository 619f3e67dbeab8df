import Diagnostics
import FileFormats
import ModelIR

/// PNG images in a folder with one sub-folder a class.
///
/// `train` and `test` name such folders. The names of the sub-folders in order are the classes from 0;
/// there must be as many as classes, and the same in both. Every file in them is an image, except those
/// whose names start with a point. Images must have the size of the network's input; values are 0 to 255
/// as stored. Grey images also fill an input of three colours.
/// Samples are ordered by class, then by name.
/// Cost: one pass; a byte for each value.
struct ImagesFormat: DatasetFormat {
  static let kind = "images"
  static let keys: [SpecKeyDescription] = []
  /// Faults after which decoding stops.
  private static let faultLimit = 8

  init?(from reader: inout ConfigReader) {}

  /// Unsigned bytes.
  var storedRange: ClosedRange<Double>? { 0...255 }

  func files(for split: DataSplit) -> DataRequest { .classFolders }

  func decode(
    _ files: DataFiles, split: DataSplit, shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    try Self.check(files, classes: classes)
    let sink = files.workspace.makeSink()
    var labels: [Int] = []
    var faults: [Diagnostic] = []
    for (label, folder) in files.folders.enumerated() {
      for path in folder.paths where faults.count < Self.faultLimit {
        do throws(Failure) {
          try sink.append(Self.values(try folder.open(path), shape: shape)[...])
          labels.append(label)
        } catch { faults += error.diagnostics }
      }
    }
    guard faults.isEmpty else { throw Failure(faults) }
    guard !labels.isEmpty else { throw Self.fault("empty", "there are no images", files.path) }
    let size = shape.reduce(1, *)
    let stored = StoredSamples(
      try sink.finish(), .uint8, start: 0, stride: size, count: labels.count, size: size)
    return LabeledData(shape: shape, stored: [stored], labels: labels)
  }

  private static func check(_ files: DataFiles, classes: Int) throws(Failure) {
    guard files.folders.count != classes else { return }
    let names = files.folders.prefix(20).map { $0.name.quoted }.joined(separator: ", ")
    throw fault(
      "class-folders",
      "the folder needs a sub-folder for each of the \(classes) classes, found "
        + (names.isEmpty ? "none" : "\(files.folders.count): \(names)"), files.path)
  }

  /// An image's values, channel after channel.
  private static func values(_ file: DataFile, shape: [Int]) throws(Failure) -> [UInt8] {
    try file.require(.png, for: kind)
    let image = try PNGImage(file.source, FileFault(.data, path: file.path))
    let (channels, pixels) = (image.header.channels, image.header.width * image.header.height)
    // Every colour of a grey image is its grey.
    let wanted = shape.count == 3 && shape[0] == 3 ? 3 : channels
    let extents = [max(channels, wanted), image.header.height, image.header.width]
    try file.check(extents, fits: shape, at: 16)
    let bytes = try image.pixels()
    return (0..<extents[0]).flatMap { channel in
      (0..<pixels).map { bytes[$0 * channels + (channels == 1 ? 0 : channel)] }
    }
  }

  private static func fault(_ rule: String, _ message: String, _ path: String) -> Failure {
    Failure(
      Diagnostic(Diagnostic.ID(.data, rule), message, at: .file(path: path, offset: nil)))
  }
}
