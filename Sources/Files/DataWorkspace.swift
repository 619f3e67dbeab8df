import Diagnostics
import FileFormats
import Synchronization

/// Keeps the stored bytes of one split: in memory up to a budget, beyond it on disk.
///
/// What files hold unencoded is read from them; what has to be inflated or decoded goes to temporary
/// files in `TMPDIR`, or `/tmp`, which have no name and vanish with the process.
final class DataWorkspace: ByteWorkspace {
  /// The stored bytes of one split that may be in memory: 256 MiB.
  static let standardBudget = 256 << 20

  private let left: Mutex<Int>

  /// A workspace that keeps up to so many bytes in memory.
  init(budget: Int = standardBudget) { left = Mutex(budget) }

  /// A sink that begins in memory.
  func makeSink() -> any ByteSink { SpillingSink(self) }

  /// A file's contents: in memory where the budget allows it, else as they are needed.
  func keep(_ file: FileSource) throws(Failure) -> any ByteSource {
    reserve(file.count) ? MemorySource(try file.allBytes()) : file
  }

  /// Takes bytes off the budget; false if fewer are left.
  fileprivate func reserve(_ count: Int) -> Bool {
    left.withLock { left in
      guard count <= left else { return false }
      left -= count
      return true
    }
  }

  /// Gives reserved bytes back.
  fileprivate func release(_ count: Int) { left.withLock { $0 += count } }
}

/// Collects bytes in memory, and moves them to a temporary file when the budget does not cover them.
private final class SpillingSink: ByteSink {
  private(set) var count = 0
  private let workspace: DataWorkspace
  private var bytes: [UInt8] = []
  private var reserved = 0
  private var file: TemporaryFile?

  init(_ workspace: DataWorkspace) { self.workspace = workspace }

  func append(_ new: ArraySlice<UInt8>) throws(Failure) {
    if file == nil, count + new.count > reserved { try grow(by: new.count) }
    if let file { try file.append(new) } else { bytes += new }
    count += new.count
  }

  func finish() throws(Failure) -> any ByteSource {
    guard let file else { return MemorySource(bytes) }
    return file.source(count: count)
  }

  /// Doubles what is reserved, or goes over to a file.
  private func grow(by more: Int) throws(Failure) {
    let wanted = max(1 << 16, 2 * reserved, count + more)
    if workspace.reserve(wanted - reserved) {
      reserved = wanted
      bytes.reserveCapacity(wanted)
      return
    }
    let file = try TemporaryFile()
    try file.append(bytes[...])
    workspace.release(reserved)
    (self.file, bytes, reserved) = (file, [], 0)
  }
}
