import Diagnostics
import Files
// For `environ`, which nothing in this program changes.
@preconcurrency import Glibc

/// A process of this program.
///
/// It ends as by SIGTERM when its standard input ends: when ``stop()`` is called, or when this process ends, however it
/// ends. What it prints is kept until it has ended.
final class RunProcess {
  private let process: pid_t
  /// The end of the pipe that the process reads from; -1 when it is closed.
  private var input: Int32
  private let output: TemporaryFile
  private let errors: TemporaryFile

  /// Starts the program with a command that ends with its input; throws `file.unwritable` where the system refuses.
  init(_ arguments: [String]) throws(Failure) {
    (output, errors) = (try TemporaryFile(), try TemporaryFile())
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Self.refusal }
    // Another process that held the writing end would keep this one alive.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let streams = [ends[0], output.descriptor, errors.descriptor]
    guard let process = Self.spawn(arguments, streams: streams) else {
      let refusal = Self.refusal
      close(ends[1])
      throw refusal
    }
    (self.process, input) = (process, ends[1])
  }

  deinit { stop() }

  private static var refusal: Failure { AtomicFile.unwritable("a process of lmtc") }

  /// The standard streams of the process become these.
  private static func spawn(_ arguments: [String], streams: [Int32]) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (place, descriptor) in streams.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(place))
    }
    var words = (["lmtc"] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let error = posix_spawn(&process, "/proc/self/exe", &actions, nil, &words, environ)
    errno = error
    return error == 0 ? process : nil
  }

  /// How a process ended.
  enum Ending {
    case exit(ExitCode)
    /// By a signal that it did not catch.
    case signal(Int32)
  }

  /// How the process ended; nil while it runs.
  ///
  /// To be asked until it is not nil, and then no more.
  func ending() -> Ending? {
    var status: Int32 = 0
    guard waitpid(process, &status, WNOHANG) == process else { return nil }
    // The low seven bits are the signal, 0 where the process exited; the next eight bits above the first are the code.
    let signal = status & 0x7F
    guard signal == 0 else { return .signal(signal) }
    return .exit(ExitCode(rawValue: status >> 8 & 0xFF) ?? .bug)
  }

  /// Asks the process to keep what it has and to end.
  func stop() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// What the process has printed on its two streams.
  var printed: (output: String, errors: String) { (output.text, errors.text) }
}
