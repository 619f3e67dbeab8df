import Glibc

/// Which signals reach the process.
public enum SignalMask {
  /// Makes writing beyond the limit on the size of files an error of the write, as on a full disk,
  /// rather than the end of the process.
  public static func ignoreFileSizeLimit() { signal(SIGXFSZ, SIG_IGN) }

  /// Lets signals through that a parent held back: a process inherits its mask.
  static func unblock(_ numbers: [Int32]) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
