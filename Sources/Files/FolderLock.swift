import Diagnostics
import Glibc

/// An exclusive claim to a folder among processes that ask for one; the system drops it when the process ends,
/// however it ends.
final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Claims a folder; throws `file.busy` where another holds it, and `file.unwritable` where it cannot be opened.
  ///
  /// A file system without such locks gives none.
  init(_ path: String) throws(Failure) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFile.unwritable(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
    throw FileReading.fault(
      "busy", "another process is writing the folder '\(path)'", path,
      help: "wait until it has ended, or choose another folder with '--out'")
  }

  deinit { close(descriptor) }
}
