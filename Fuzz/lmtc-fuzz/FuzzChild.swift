import Diagnostics
import Foundation
import Glibc
import Verifier

/// The process that reads damaged files, so that a crash or a hang ends only this one.
struct FuzzChild {
  let target: FuzzTarget
  let seed: UInt64
  /// Where the files go; neither it nor the folder around it holds anything else.
  let folder: String

  /// Bytes that reading any file may take, and bytes for each byte of it: deflate expands a thousandfold.
  private static let allowance = 192 << 20
  private static let factor = 1100

  /// Reads inputs from `first` on until the process is ended; prints each index before it is read, and
  /// nothing of what the readers print.
  func run(from first: Int) throws {
    let progress = dup(STDOUT_FILENO)
    let silence = open("/dev/null", O_WRONLY)
    for stream in [STDOUT_FILENO, STDERR_FILENO] { dup2(silence, stream) }
    try prepare()
    let expected = try contents()
    for index in first... {
      let bytes = FuzzInput.bytes(target, seed: seed, index: index)
      try write(bytes, as: target.file)
      announce(index, on: progress)
      read(count: bytes.count)
      if index % 64 == 0 {
        let left = try contents().subtracting(expected)
        precondition(left.isEmpty, "reading left files behind: \(left)")
      }
    }
  }

  /// Reads one file.
  func run(_ bytes: [UInt8]) throws {
    try prepare()
    try write(bytes, as: target.file)
    read(count: bytes.count)
  }

  /// An allocation beyond the limit fails, which ends a Swift process by a signal; so does an error that
  /// is no diagnostic.
  private func read(count: Int) {
    var limit = rlimit(rlim_cur: .max, rlim_max: .max)
    let bytes = Self.dataBytes + Self.allowance + Self.factor * count
    limit.rlim_cur = rlim_t(bytes)
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    do { try target.read(folder) } catch {
      precondition(error is Failure || error is Refusal, "no diagnostic: \(error)")
      precondition(!"\(error)".isEmpty)
    }
  }

  /// Writable memory of the process.
  private static var dataBytes: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst(5).first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private func prepare() throws {
    for (name, bytes) in target.companions { try write(bytes, as: name) }
    try write(target.seeds[0], as: target.file)
    // Whatever is set up once is not the first input's.
    try? target.read(folder)
  }

  private func write(_ bytes: [UInt8], as name: String) throws {
    let path = URL(filePath: folder).appending(path: name)
    try FileManager.default.createDirectory(
      at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: path)
  }

  private func contents() throws -> Set<String> {
    try Set(FileManager.default.subpathsOfDirectory(atPath: folder + "/.."))
  }

  private func announce(_ index: Int, on progress: Int32) {
    let line = Array("\(index)\n".utf8)
    _ = line.withUnsafeBytes { Glibc.write(progress, $0.baseAddress, $0.count) }
  }
}
