import CGOMP
import Glibc
import Synchronization

/// OpenMP threads that only sleep, so that those without work stop spinning soon.
///
/// libgomp lets a thread spin for milliseconds before it sleeps, which starves the working ones
/// where cores are shared; once there are more OpenMP threads than cores it spins for microseconds.
/// The environment variables that set the time are read before `main`, so setting them is too late.
enum ParkedThreads {
  /// What the system's lists of threads call them, at most 15 bytes.
  static let name = "lmtc-parked"

  private static let areStarted = Atomic<Bool>(false)

  /// Makes the OpenMP threads of the process more than its cores, counting a team of `threads`.
  ///
  /// Only the first call has an effect, and none where the user has said how threads wait.
  static func start(beside threads: Int) {
    let isChosen = getenv("GOMP_SPINCOUNT") != nil || getenv("OMP_WAIT_POLICY") != nil
    guard threads > 1, !isChosen, !areStarted.exchange(true, ordering: .relaxed) else { return }
    let size = max(2, Int(omp_get_num_procs()) + 2 - threads)
    var thread = pthread_t()
    // Should this fail, results come later but are the same.
    _ = pthread_create(&thread, nil, park, UnsafeMutableRawPointer(bitPattern: size))
  }
}

/// Starts a team, whose threads inherit the name, and sleeps beside it for good.
private func park(_ size: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  _ = pthread_setname_np(pthread_self(), ParkedThreads.name)
  GOMP_parallel({ _ in }, nil, UInt32(UInt(bitPattern: size)), 0)
  while true { pause() }
}
