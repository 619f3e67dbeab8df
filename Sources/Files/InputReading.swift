import Diagnostics
import FileFormats
import ModelIR

/// Finds and reads inputs without labels: a table, a file of arrays, an image, or a folder of images.
public enum InputReading {
  /// What was read.
  public struct Inputs: Sendable {
    /// The inputs in stored units; every label is 0.
    public let data: LabeledData
    /// Where an input is a file of its own, each one's path.
    public let files: [String]?
  }

  /// Reads the inputs at a path; throws `file.…` or `data.…`.
  ///
  /// - Parameters:
  ///   - format: that of the spec, with its keys, which is used where the inputs have the same kind.
  ///   - formats: all formats, for the others, which are used without keys.
  ///   - shape: the network's input.
  public static func load(
    _ path: String, like format: SpecEntry<any DatasetFormat>,
    among formats: EntrySet<any DatasetFormat>, shape: [Int]
  ) throws(Failure) -> Inputs {
    let workspace = DataWorkspace()
    if FileReading.kind(of: path) == .folder {
      let paths = try FolderListing.entries(in: path).map { FolderListing.join(path, $0) }
      return try images(paths, at: path, format, formats, shape, workspace)
    }
    let file = try FileReading.data(of: path, in: workspace)
    let kind = try FileKind(file.source)
    switch kind {
    case .png: return try images([path], at: path, format, formats, shape, workspace)
    case .zip: return try arrays("npz", "arrays", file, format, formats, shape, workspace)
    case .text: return try arrays("csv", "table", file, format, formats, shape, workspace)
    case .idx, .npy, .matlab5, .hdf5, .jpeg, .pickle, .tar, .gzip, .unknown:
      throw FileFault(.data, path: path)(
        "format",
        "inputs must be a csv table, an npz file, a PNG image or a folder of them, found \(kind.name)",
        at: 0, help: "save them with numpy.savez")
    }
  }

  private static func arrays(
    _ kind: String, _ role: String, _ file: DataFile, _ format: SpecEntry<any DatasetFormat>,
    _ formats: EntrySet<any DatasetFormat>, _ shape: [Int], _ workspace: DataWorkspace
  ) throws(Failure) -> Inputs {
    let files = DataFiles(path: file.path, named: [role: file], workspace: workspace)
    let values = try reader(kind, format, formats).inputs(files, shape: shape)
    return Inputs(data: LabeledData(shape: shape, unlabeled: values), files: nil)
  }

  private static func images(
    _ paths: [String], at path: String, _ format: SpecEntry<any DatasetFormat>,
    _ formats: EntrySet<any DatasetFormat>, _ shape: [Int], _ workspace: DataWorkspace
  ) throws(Failure) -> Inputs {
    let isFolder = FileReading.kind(of: path) == .folder
    let folder = DataFolder(name: path, paths: paths) { file throws(Failure) in
      if isFolder { try FileReading.refuseLink(file) }
      return DataFile(path: file, source: try FileReading.open(file))
    }
    let files = DataFiles(path: path, folders: [folder], workspace: workspace)
    let values = try reader("images", format, formats).inputs(files, shape: shape)
    return Inputs(data: LabeledData(shape: shape, unlabeled: values), files: paths)
  }

  /// The spec's format if it is of the kind, else the kind with its defaults.
  private static func reader(
    _ kind: String, _ format: SpecEntry<any DatasetFormat>,
    _ formats: EntrySet<any DatasetFormat>
  ) -> any UnlabeledFormat {
    if format.kind == kind, let reader = format.value as? any UnlabeledFormat { return reader }
    var keys = ConfigReader(kind: kind, span: format.span, value: nil)
    guard let reader = formats[kind]?.read(&keys) as? any UnlabeledFormat else {
      preconditionFailure("'\(kind)' must be a format that reads inputs without labels")
    }
    return reader
  }
}
