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

  /// What is done and on disk when a signal ends the process at once.
  enum Milestone {
    /// Training; what is left is to certify.
    case training
    /// The certificates of all points; what is left is to attack them and to write the result.
    case certification
  }

  /// From now on a signal ends the process at once, with a note of what `--resume` goes on from.
  static func endAtOnce(after milestone: Milestone) {
    for number in [SIGINT, SIGTERM] {
      switch milestone {
      case .training: signal(number) { _ in Interruption.end("training") }
      case .certification: signal(number) { _ in Interruption.end("certification") }
      }
    }
  }

  /// Safe in a signal handler: no allocation.
  private static func end(_ milestone: StaticString) {
    put("lmtc: interrupted after ")
    put(milestone)
    put("; continue with '--resume'\n")
    _exit(ExitCode.interrupted.rawValue)
  }

  private static func put(_ text: StaticString) {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
