import Diagnostics
import Glibc
import Synchronization

/// A request to stop, set by SIGINT or SIGTERM and read between steps.
enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether a stop was asked for.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Catches the signals once; a second signal ends the process at once, as by default.
  ///
  /// They are let through even where a parent blocked them.
  static func install() {
    SignalMask.unblock([SIGINT, SIGTERM])
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// From now on a signal ends the process at once: training is over and its checkpoint on disk.
  static func endAtOnce() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        let note: StaticString =
          "lmtc: interrupted after training; run again with '--resume' to certify\n"
        _ = write(STDERR_FILENO, note.utf8Start, note.utf8CodeUnitCount)
        _exit(ExitCode.interrupted.rawValue)
      }
    }
  }
}
