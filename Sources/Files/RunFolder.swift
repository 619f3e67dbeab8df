import Diagnostics
import Execution
import FileFormats
import Glibc
import ModelIR

/// The folder of a run and the names of what lies in it.
public struct RunFolder: Sendable {
  /// A file of a run.
  public enum File: String, Sendable, CaseIterable {
    /// The spec as given.
    case spec = "spec.yaml"
    /// The spec with defaults and overrides written out.
    case resolvedSpec = "spec.resolved.yaml"
    /// The trained weights.
    case model = "model.safetensors"
    /// The test samples as they were certified.
    case test = "test.safetensors"
    /// Everything needed to resume bit for bit.
    case checkpoint = "checkpoint.safetensors"
    /// Measured values, one line per epoch.
    case metrics = "metrics.jsonl"
    /// The same with the result for TensorBoard, which knows its files by `tfevents` in their names.
    case events = "events.out.tfevents.lmtc"
    /// The result as data.
    case result = "result.json"
    /// The certificate as data.
    case certificate = "certificate.json"
    /// The certificate as a table.
    case certificateTable = "certificate.tsv"
    /// The points that an unfinished certification has certified.
    case journal = "certificate.journal"
    /// Points that disprove a certificate.
    case witnesses = "witnesses.npz"
    /// The distances of the nearest adversarial examples found, and some of the examples.
    case adversarial = "adversarial.npz"
    /// The report for people.
    case report = "report.html"
  }

  /// The folder's path.
  public let path: String
  /// Kept while this value or a copy of it lives; nil where others may write to the folder too.
  private let lock: FolderLock?

  /// Opens a folder and creates it with its parents if it is missing; throws `file.unwritable`.
  ///
  /// Temporary files of earlier processes are removed.
  ///
  /// - Parameter isExclusive: whether no other process may have it exclusively too, as long as this value or a
  ///   copy of it lives; throws `file.busy`.
  public init(creating path: String, isExclusive: Bool = false) throws(Failure) {
    try Self.create(path)
    self.path = path
    lock = isExclusive ? try FolderLock(path) : nil
    AtomicFile.removeLeftovers(in: path)
  }

  /// Opens a folder that must exist; throws `file.missing`.
  public init(existing path: String) throws(Failure) {
    guard FileReading.kind(of: path) == .folder else {
      throw FileReading.fault(
        "missing", "there is no run folder '\(path)'", path, help: FolderListing.help(for: path))
    }
    self.path = path
    lock = nil
  }

  /// Opens the folder at a path, or that of a file at it, such as a certificate; throws `file.missing`.
  public init(of path: String) throws(Failure) {
    let isFile = FileReading.kind(of: path) == .file
    try self.init(existing: isFile ? FolderListing.split(path).folder : path)
  }

  /// Whether a process has the folder at a path exclusively.
  public static func isBusy(_ path: String) -> Bool {
    FileReading.kind(of: path) == .folder && (try? FolderLock(path)) == nil
  }

  /// The default folder of a run of a spec of this name, relative to the working directory: `runs/<name>`.
  ///
  /// Characters other than letters, digits, `.`, `_` and `-` become `-`, so that a name cannot
  /// lead to another folder.
  public static func defaultPath(for name: String) -> String {
    let safe = name.unicodeScalars.map { scalar -> Character in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
      return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
    }
    let text = String(String.UnicodeScalarView(safe.flatMap(\.unicodeScalars)).drop { $0 == "." })
    return "runs/" + (text.isEmpty ? "unnamed" : text)
  }

  /// The path of a file.
  public func path(of file: File) -> String { path + "/" + file.rawValue }

  /// Whether a file is there.
  public func contains(_ file: File) -> Bool { FileReading.kind(of: path(of: file)) == .file }

  /// Writes a file in one step; throws `file.unwritable`.
  public func write(_ bytes: [UInt8], as file: File) throws(Failure) {
    try AtomicFile.write(bytes, to: path(of: file))
  }

  /// Writes a text file in one step; throws `file.unwritable`.
  public func write(_ text: String, as file: File) throws(Failure) {
    try AtomicFile.write(text, to: path(of: file))
  }

  /// Writes a file in one step, piece by piece; throws `file.unwritable`, and what `body` throws.
  public func write(
    as file: File, _ body: (FileSink) throws(Failure) -> Void
  ) throws(Failure) {
    try AtomicFile.write(to: path(of: file), body)
  }

  /// Throws `file.other-spec` where the folder has weights, a checkpoint or results of another spec.
  public func requireSameSpec(as spec: ModelSpec) throws(Failure) {
    guard [File.checkpoint, .model, .result, .journal].contains(where: contains),
      contains(.resolvedSpec), try read(.resolvedSpec) != Array(Self.text(resolved: spec).utf8)
    else { return }
    throw FileReading.fault(
      "other-spec", "the folder '\(path)' holds a run of another spec", path,
      help: "choose another folder with '--out', or replace the run with '--overwrite'")
  }

  /// Writes the resolved spec; paths of its data are absolute.
  public func write(resolved spec: ModelSpec) throws(Failure) {
    try write(Self.text(resolved: spec), as: .resolvedSpec)
  }

  /// Writes the weights, ordered by name.
  public func write(weights: Weights) throws(Failure) {
    try write(Self.bytes(weights: weights), as: .model)
  }

  /// The contents of `spec.resolved.yaml`.
  public static func text(resolved spec: ModelSpec) -> String {
    spec.yaml { spec.absolutePath($0) }
  }

  /// The contents of `model.safetensors`.
  public static func bytes(weights: Weights) -> [UInt8] {
    let tensors = weights.tensors.sorted { $0.key < $1.key }
    return Safetensors.encode(.init(tensors: .init(uniqueKeysWithValues: tensors)))
  }

  /// The SHA-256 digest of a file, in hexadecimal digits; throws `file.…`.
  public func digest(of file: File) throws(Failure) -> String {
    try DataDigest.digest(of: path(of: file))
  }

  /// Removes a file, if it is there.
  public func remove(_ file: File) { unlink(path(of: file)) }

  /// A file for reading piece by piece; throws `file.…`.
  public func open(_ file: File) throws(Failure) -> any ByteSource {
    try FileReading.open(path(of: file))
  }

  /// Removes the results of an earlier run, which may belong to another spec.
  public func removeResults() {
    let results: [File] = [
      .model, .test, .result, .certificate, .certificateTable, .witnesses, .adversarial, .report,
    ]
    for file in results { remove(file) }
  }

  /// Removes what the training of other weights left: its spec, its checkpoint and its curves.
  public func removeTraining(ofOtherThan weights: Weights) throws(Failure) {
    let known = contains(.model) ? try read(.model) : []
    guard known != Self.bytes(weights: weights) else { return }
    for file in [File.spec, .checkpoint, .metrics, .events] { remove(file) }
  }

  /// Whether another path leads to the same folder.
  public func isSame(as other: RunFolder) -> Bool {
    var (status, otherStatus) = (stat(), stat())
    return stat(path, &status) == 0 && stat(other.path, &otherStatus) == 0
      && (status.st_dev, status.st_ino) == (otherStatus.st_dev, otherStatus.st_ino)
  }

  /// A file's bytes; throws `file.…`.
  public func read(_ file: File) throws(Failure) -> [UInt8] {
    try FileReading.bytes(of: path(of: file))
  }

  private static func create(_ path: String) throws(Failure) {
    let parent = FolderListing.split(path).folder
    if mkdir(path, 0o777) == 0 { return AtomicFile.synchronizeFolder(parent) }
    if FileReading.kind(of: path) == .folder { return }
    guard errno == ENOENT else { throw AtomicFile.unwritable(path) }
    guard parent != path else { throw AtomicFile.unwritable(path) }
    try create(parent)
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw AtomicFile.unwritable(path) }
    AtomicFile.synchronizeFolder(parent)
  }
}

extension ModelSpec {
  /// The absolute path, so that a copy of the spec elsewhere finds the same data.
  fileprivate func absolutePath(_ path: String) -> String {
    guard let found = realpath(resolve(path), nil) else { return path }
    defer { free(found) }
    return String(cString: found)
  }
}
