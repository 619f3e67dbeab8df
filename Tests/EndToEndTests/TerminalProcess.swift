import Foundation
import Glibc

/// `lmtc` at a terminal of some width: its diagnostics and progress, and its results if they are shown there too.
final class TerminalProcess {
  /// Linux' requests TIOCSPTLCK and TIOCGPTN, which the C library does not export to Swift.
  private static let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

  private let process = Process()
  private let terminal: Int32
  /// What was shown so far, with escapes.
  private(set) var shown = ""

  /// Starts a command in a folder; standard output is discarded unless it is shown.
  init(
    _ arguments: [String], in folder: URL, columns: Int, showsOutput: Bool = false,
    environment: [String: String?] = [:]
  ) throws {
    terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    var (isLocked, number): (Int32, Int32) = (0, 0)
    guard ioctl(terminal, Self.setLock, &isLocked) == 0,
      ioctl(terminal, Self.getNumber, &number) == 0,
      ioctl(terminal, UInt(TIOCSWINSZ), &size) == 0
    else { throw POSIXError(.ENOTTY) }
    let side = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    defer { close(side) }
    let handle = FileHandle(fileDescriptor: side, closeOnDealloc: false)
    process.executableURL = LMTCProcess.executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var variables = ProcessInfo.processInfo.environment.merging(["TERM": "xterm"]) { $1 }
    variables["NO_COLOR"] = nil
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = showsOutput ? handle : FileHandle.nullDevice
    process.standardError = handle
    try process.run()
  }

  deinit { close(terminal) }

  /// Reads until a text is shown; false if the process has ended first.
  func wait(for text: String) -> Bool {
    while !shown.contains(text) { if !read() { return false } }
    return true
  }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Reads to the end, and gives the exit code.
  func end() -> Int32 {
    while read() {}
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// False where the process has closed the terminal.
  private func read() -> Bool {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(terminal, &bytes, bytes.count)
    if count < 0 && errno == EINTR { return true }
    guard count > 0 else { return false }
    pending += bytes.prefix(count)
    // A character may be cut off at the end.
    let whole = (0..<4).lazy.map { self.pending.count - $0 }.first {
      $0 >= 0 && String(validating: self.pending.prefix($0), as: UTF8.self) != nil
    }
    shown += String(decoding: pending.prefix(whole ?? 0), as: UTF8.self)
    pending.removeFirst(whole ?? 0)
    return true
  }

  private var pending: [UInt8] = []
}
