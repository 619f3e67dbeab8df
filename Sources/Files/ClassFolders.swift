import Diagnostics
import ModelIR

/// The subfolders of a folder, one per class.
enum ClassFolders {
  /// The subfolders with the paths of their files; throws `file.…`.
  static func all(in path: String) throws(Failure) -> [DataFolder] {
    var folders: [DataFolder] = []
    for name in try names(in: path) {
      let folder = FolderListing.join(path, name)
      let paths = try FolderListing.entries(in: folder).map { FolderListing.join(folder, $0) }
      folders.append(
        DataFolder(name: name, paths: paths) { file throws(Failure) in
          try FileReading.refuseLink(file)
          return DataFile(path: file, source: try FileReading.open(file))
        })
    }
    return folders
  }

  /// Throws unless the folder of the other split, if it is there, has subfolders of the same names:
  /// the same class would have different numbers in the two.
  static func match(_ path: String, _ other: String) throws(Failure) {
    guard FileReading.kind(of: other) == .folder else { return }
    let (own, others) = (try names(in: path), try names(in: other))
    let alone = Set(own).symmetricDifference(others).sorted()
    guard let first = alone.first else { return }
    let place = own.contains(first) ? path : other
    throw Failure(
      Diagnostic(
        Diagnostic.ID(.data, "class-folders"),
        "both splits must have the same class folders, but \(first.quoted) is only in '\(place)'",
        at: .file(path: path, offset: nil),
        help: "add an empty folder for a class without images"
      ))
  }

  private static func names(in path: String) throws(Failure) -> [String] {
    var names: [String] = []
    for name in try FolderListing.entries(in: path) {
      let entry = FolderListing.join(path, name)
      try FileReading.refuseLink(entry)
      if FileReading.kind(of: entry) == .folder { names.append(name) }
    }
    return names
  }
}
