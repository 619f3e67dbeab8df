import Diagnostics
import Glibc
import Reporting

/// Reports bugs in lmtc itself: a message and ``ExitCode/bug``.
public enum Bug {
  /// Ends the process by ``ExitCode/bug`` where a broken invariant would end it by a signal.
  ///
  /// An overflow of the stack leaves no room for this and still ends by SIGSEGV.
  public static func catchTraps() {
    let traps = [SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV]
    SignalMask.unblock(traps)
    for number in traps {
      signal(number) { _ in
        Bug.note()
        _exit(ExitCode.bug.rawValue)
      }
    }
  }

  /// Reports an error that no command expects.
  public static func report(_ error: any Error) -> ExitCode {
    note()
    Terminal.write("  \(error)\n", to: STDERR_FILENO)
    return .bug
  }

  /// Safe in a signal handler: no allocation.
  private static func note() {
    let text: StaticString =
      "lmtc: this is a bug in lmtc; please report the spec, the command line and 'lmtc --version'\n"
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }
}
