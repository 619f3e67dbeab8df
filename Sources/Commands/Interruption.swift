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
        // A terminal has shown '^C' in the line of the bar.
        if isatty(STDERR_FILENO) == 1 {
          Interruption.put("\nlmtc: stopping as soon as what is at hand is kept\n")
        }
      }
    }
  }

  /// From now on the end of standard input is a request to stop: for a process that is to end with its parent.
  static func followInput() {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        var byte: UInt8 = 0
        while true {
          let count = read(STDIN_FILENO, &byte, 1)
          guard count > 0 || (count < 0 && errno == EINTR) else { break }
        }
        if !Interruption.isRequested { kill(getpid(), SIGTERM) }
        return nil
      }, nil)
  }

  /// What is done and on disk when a signal ends the process at once.
  enum Milestone {
    /// Nothing, or what was there before.
    case start
    /// Training; what is left is to certify.
    case training
    /// The certificates of all points; what is left is to attack them and to write the result.
    case certification
  }

  /// From now on a signal ends the process at once, with a note of what is kept.
  static func endAtOnce(after milestone: Milestone) {
    SignalMask.unblock([SIGINT, SIGTERM])
    for number in [SIGINT, SIGTERM] {
      switch milestone {
      case .start:
        signal(number) { _ in Interruption.end("; nothing new was written") }
      case .training:
        signal(number) { _ in
          Interruption.end(" after training, which is kept; continue with '--resume'")
        }
      case .certification:
        signal(number) { _ in
          Interruption.end(" after certification, which is kept; continue with '--resume'")
        }
      }
    }
  }

  /// Safe in a signal handler: no allocation.
  private static func end(_ kept: StaticString) {
    if isatty(STDERR_FILENO) == 1 { put("\n") }
    put("lmtc: interrupted")
    put(kept)
    put("\n")
    _exit(ExitCode.interrupted.rawValue)
  }

  private static func put(_ text: StaticString) {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
