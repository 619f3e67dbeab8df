import Glibc

/// This program started a second time, with its standard output at hand.
final class ChildProcess {
  /// Where its output is read; ends with the process.
  let output: Int32
  private var process: pid_t = 0
  private var status: Int32?

  private struct NotStarted: Error {}

  /// Starts it with arguments.
  init(_ arguments: [String]) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw NotStarted() }
    // The child must not hold the reading end, nor a later child this one.
    _ = ends.map { fcntl($0, F_SETFD, FD_CLOEXEC) }
    output = ends[0]
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    var texts = (["lmtc-fuzz"] + arguments).map { strdup($0) } + [nil]
    defer { for text in texts { free(text) } }
    let failure = posix_spawn(&process, "/proc/self/exe", &actions, nil, &texts, environ)
    guard failure == 0 else { throw NotStarted() }
  }

  deinit { close(output) }

  /// Waits for the end: a signal or an exit code, in words.
  func end() -> String {
    if status == nil {
      var found: Int32 = 0
      while waitpid(process, &found, 0) < 0, errno == EINTR {}
      status = found
    }
    let found = status ?? 0
    return found & 0x7F == 0 ? "exit code \(found >> 8 & 0xFF)" : "signal \(found & 0x7F)"
  }

  /// Ends it.
  func stop() {
    if status == nil { kill(process, SIGKILL) }
    _ = end()
  }
}
