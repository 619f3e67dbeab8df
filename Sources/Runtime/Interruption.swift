import Glibc
import Synchronization

/// A request to stop, set by SIGINT or SIGTERM and read between steps.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether a stop was asked for.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Catches the signals once; a second signal ends the process at once, as by default.
  public static func install() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }
}
