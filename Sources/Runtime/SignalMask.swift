import Glibc

/// The signals that the calling thread holds back.
enum SignalMask {
  /// Lets signals through that a parent held back: a process inherits its mask.
  static func unblock(_ numbers: [Int32]) {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
