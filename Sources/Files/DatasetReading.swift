import Diagnostics
import ModelIR

/// Finds and reads the files of a data set.
public enum DatasetReading {
  /// The labeled data of a split.
  ///
  /// - Parameters:
  ///   - format: the format with its keys.
  ///   - split: which part.
  ///   - path: the file or folder that the spec names, relative to the working directory; may be nil
  ///     where the format needs no files.
  ///   - other: the path of the other split, where it is named: the classes must be the same there.
  ///   - shape: the network's input.
  ///   - classes: the number of labels.
  ///
  /// Throws `file.…` for what is missing or unreadable and `data.…` for what is malformed.
  public static func load(
    _ format: any DatasetFormat, split: DataSplit, at path: String?, beside other: String? = nil,
    shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    let request = format.files(for: split)
    guard let path else {
      guard request.isEmpty else {
        throw Failure(
          Diagnostic(
            Diagnostic.ID(.data, "no-path"),
            "'\(type(of: format).kind)' requires 'data.\(split.rawValue)', a file or folder",
            at: .none
          ))
      }
      return try format.decode(DataFiles(), split: split, shape: shape, classes: classes)
    }
    let files = try read(request, at: path, in: DataWorkspace())
    if let other, case .classFolders = request { try ClassFolders.match(path, other) }
    return try format.decode(files, split: split, shape: shape, classes: classes)
  }

  /// The digests of the files that a split is read from, in order of their roles or names.
  ///
  /// None where the format needs no files. Throws `file.…`.
  public static func digests(
    _ format: any DatasetFormat, split: DataSplit, at path: String?
  ) throws(Failure) -> [DataDigest] {
    guard let path else { return [] }
    switch format.files(for: split) {
    case .none: return []
    case .files(let requests):
      return try locate(requests, at: path).sorted { $0.key < $1.key }.map {
        entry throws(Failure) in try DataDigest(file: entry.value)
      }
    case .classFolders:
      return try ClassFolders.all(in: path).map { folder throws(Failure) in
        try DataDigest(folder: folder)
      }
    }
  }

  /// What a format asks for.
  static func read(
    _ request: DataRequest, at path: String, in workspace: DataWorkspace
  ) throws(Failure) -> DataFiles {
    switch request {
    case .none: DataFiles(path: path, workspace: workspace)
    case .files(let requests):
      DataFiles(
        path: path, named: try read(try locate(requests, at: path), in: workspace),
        workspace: workspace)
    case .classFolders:
      DataFiles(path: path, folders: try ClassFolders.all(in: path), workspace: workspace)
    }
  }

  /// The files, decompressed.
  private static func read(
    _ paths: [String: String], in workspace: DataWorkspace
  ) throws(Failure) -> [String: DataFile] {
    var files: [String: DataFile] = [:]
    for (role, path) in paths { files[role] = try FileReading.data(of: path, in: workspace) }
    return files
  }

  /// The paths of the files by role.
  ///
  /// In a folder the candidates of each request are tried in order, each also with `.gz` appended.
  /// A path to a file serves a single request; several requests need a file under the name of one of
  /// their candidates, and its folder holds the others. Every missing file is reported.
  private static func locate(
    _ requests: [DataFileRequest], at path: String
  ) throws(Failure) -> [String: String] {
    var files: [String: String] = [:]
    if FileReading.kind(of: path) != .folder {
      if requests.count == 1 { return [requests[0].role: path] }
      try requireKnownName(requests, path)
    }
    let folder = FileReading.kind(of: path) == .folder ? path : FolderListing.split(path).folder
    var missing: [Diagnostic] = []
    for request in requests {
      guard let found = firstPresent(request, in: folder) else {
        missing.append(absent(request, in: folder))
        continue
      }
      if found != path { try FileReading.refuseLink(found) }
      files[request.role] = found
    }
    guard missing.isEmpty else { throw Failure(missing) }
    return files
  }

  private static func names(_ request: DataFileRequest) -> [String] {
    request.candidates.flatMap { [$0, $0 + ".gz"] }
  }

  private static func firstPresent(_ request: DataFileRequest, in folder: String) -> String? {
    names(request).map { FolderListing.join(folder, $0) }
      .first { FileReading.kind(of: $0) != nil }
  }

  private static func requireKnownName(
    _ requests: [DataFileRequest], _ path: String
  ) throws(Failure) {
    // Reading reports a path that leads nowhere or to no regular file.
    guard FileReading.kind(of: path) == .file else {
      _ = try FileReading.bytes(of: path)
      return
    }
    let known = requests.flatMap(names)
    guard known.contains(FolderListing.split(path).name) else {
      throw FileReading.fault(
        "name",
        "the data set has \(requests.count) files: name their folder or one of "
          + known.map { "'\($0)'" }.joined(separator: ", "), path)
    }
  }

  private static func absent(_ request: DataFileRequest, in folder: String) -> Diagnostic {
    let tried = names(request).map { "'\($0)'" }.joined(separator: ", ")
    let present = FolderListing.names(in: folder)
    let near = request.candidates.lazy.compactMap { Suggestion.nearest(to: $0, in: present) }.first
    let otherForm = request.otherForm.flatMap { present.contains($0.file) ? $0.help : nil }
    let help =
      otherForm ?? near.map { "did you mean '\($0)'?" }
      ?? Suggestion.help(
        for: request.candidates.first ?? "", in: present, kind: "'\(folder)' has")
    return Diagnostic(
      Diagnostic.ID(.file, "missing"), "no \(request.role) in '\(folder)': looked for \(tried)",
      at: .file(path: folder, offset: nil), help: present.isEmpty ? "the folder is empty" : help)
  }
}
