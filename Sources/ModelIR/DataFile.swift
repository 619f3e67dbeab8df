import Diagnostics
import FileFormats

/// What a format reads for a split.
public enum DataRequest: Sendable {
  /// Nothing: the format makes its data itself.
  case none
  /// Files with roles.
  case files([DataFileRequest])
  /// Every file of every sub-folder of the folder that the spec names.
  case classFolders

  /// Whether no path is needed.
  public var isEmpty: Bool {
    switch self {
    case .none: true
    case .files, .classFolders: false
    }
  }
}

/// A file that a format needs: names to try in a folder, or the path itself if it is a file.
public struct DataFileRequest: Sendable {
  /// What the file holds, for messages and as the key of the bytes handed back.
  public let role: String
  /// File names to look for when the spec names a folder, in order.
  public let candidates: [String]
  /// A file that another form of the data set has in the folder, and what to do then.
  public let otherForm: (file: String, help: String)?
  /// A request.
  public init(
    _ role: String, candidates: [String], otherForm: (file: String, help: String)? = nil
  ) {
    self.role = role
    self.candidates = candidates
    self.otherForm = otherForm
  }
}

/// A file's contents, already decompressed, with its path for messages.
public struct DataFile: Sendable {
  /// The path as found.
  public let path: String
  /// The contents.
  public let source: any ByteSource
  /// Whether the file itself is gzip.
  public let isCompressed: Bool

  /// A file.
  public init(path: String, source: any ByteSource, isCompressed: Bool = false) {
    self.path = path
    self.source = source
    self.isCompressed = isCompressed
  }

  /// A file in memory.
  public init(path: String, bytes: [UInt8]) {
    self.init(path: path, source: MemorySource(bytes))
  }
}

/// A folder with files that are opened one at a time.
public struct DataFolder: Sendable {
  /// Its name, without the folders above it.
  public let name: String
  /// The paths of its files, sorted.
  public let paths: [String]
  /// Opens one of them.
  public let open: @Sendable (String) throws(Failure) -> DataFile

  /// A folder.
  public init(
    name: String, paths: [String], open: @escaping @Sendable (String) throws(Failure) -> DataFile
  ) {
    self.name = name
    self.paths = paths
    self.open = open
  }
}

/// What was found for a ``DataRequest``.
public struct DataFiles: Sendable {
  /// The path that the spec names.
  public let path: String
  /// Files by role.
  public let named: [String: DataFile]
  /// Sub-folders, sorted by name.
  public let folders: [DataFolder]
  /// Where what is decoded from them is kept.
  public let workspace: any ByteWorkspace

  /// Files.
  public init(
    path: String = "", named: [String: DataFile] = [:], folders: [DataFolder] = [],
    workspace: any ByteWorkspace = MemoryWorkspace()
  ) {
    self.path = path
    self.named = named
    self.folders = folders
    self.workspace = workspace
  }

  /// The file that the format has asked for.
  public subscript(role: String) -> DataFile {
    guard let file = named[role] else { preconditionFailure("the \(role) was not read") }
    return file
  }
}
