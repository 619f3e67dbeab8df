import Diagnostics
import Glibc

/// The names in a folder.
public enum FolderListing {
  /// All names that do not start with a dot, sorted; throws `file.…` if the folder cannot be read.
  static func entries(in folder: String) throws(Failure) -> [String] {
    guard let stream = opendir(folder) else {
      throw FileReading.fault(
        FileReading.kind(of: folder) == nil ? "missing" : "unreadable",
        "'\(folder)' cannot be read as a folder: \(FileReading.systemError)", folder,
        help: FileReading.kind(of: folder) == nil ? help(for: folder) : nil)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let name = next(stream) {
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// The path of a name in a folder.
  public static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// Up to 1,000 names, sorted; empty if the folder cannot be read.
  ///
  /// Lists only names that start with a dot, or only those that do not.
  static func names(in folder: String, hidden: Bool = false) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < 1000, let name = next(stream) {
      if name.hasPrefix(".") == hidden { names.append(name) }
    }
    return names.sorted()
  }

  private static func next(_ stream: OpaquePointer) -> String? {
    guard let entry = readdir(stream) else { return nil }
    return withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
  }

  /// A hint for a missing path: the nearest name in its folder, or the first part of the
  /// path that does not exist.
  static func help(for path: String) -> String? {
    let (folder, name) = split(path)
    guard FileReading.kind(of: folder) == .folder else {
      return FileReading.kind(of: folder) == nil ? "there is no folder '\(folder)'" : nil
    }
    return Suggestion.help(for: name, in: names(in: folder), kind: "'\(folder)' has")
  }

  /// The folder of a path, `.` if it names none, and its last part.
  public static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }
}
