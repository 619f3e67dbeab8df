import Glibc

/// The signals that reach the process.
public enum SignalMask {
  /// Makes writing beyond the file size limit an error of the write, as on a full disk, instead of ending
  /// the process.
  public static func ignoreFileSizeLimit() { signal(SIGXFSZ, SIG_IGN) }

  /// Unblocks signals that a parent process blocked: a process inherits its mask.
  static func unblock(_ numbers: [Int32]) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
