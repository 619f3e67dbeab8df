import Foundation
import Glibc

/// The built `lmtc` as its users meet it: arguments in, two streams and an exit code out.
///
/// The streams go to files, so that nothing has to be read while the process runs.
final class LMTCProcess {
  /// What a finished process leaves.
  struct Outcome {
    /// The exit code; minus the signal's number where a signal ended the process.
    let code: Int32
    let output: String
    let errors: String
  }

  private let process = Process()
  private let streams: URL
  /// When a process that hangs is ended.
  private let deadline = Date(timeIntervalSinceNow: 120)

  /// Starts a command in a folder; standard input is empty.
  ///
  /// - Parameters:
  ///   - environment: variables to set, or to unset where the value is nil.
  ///   - blocks: no file may grow beyond so many blocks of 512 bytes.
  init(
    _ arguments: [String], in folder: URL, environment: [String: String?] = [:], blocks: Int? = nil
  ) throws {
    streams = folder.appendingPathComponent("streams-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
    process.executableURL = Self.executable
    process.arguments = arguments
    if let blocks {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      let script = "ulimit -f \(blocks); exec \"$0\" \"$@\""
      process.arguments = ["-c", script, Self.executable.path] + arguments
    }
    process.currentDirectoryURL = folder
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try stream("output")
    process.standardError = try stream("errors")
    try process.run()
  }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// How many threads of the process have a name.
  func threadCount(named name: String) -> Int {
    let tasks = "/proc/\(process.processIdentifier)/task"
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
    // A thread that ends meanwhile has no name.
    return threads.count { thread in
      (try? String(contentsOfFile: "\(tasks)/\(thread)/comm", encoding: .utf8)) == name + "\n"
    }
  }

  /// Waits until a condition holds; false if the process has ended first.
  func wait(until condition: () -> Bool) -> Bool {
    while process.isRunning, Date() < deadline {
      if condition() { return true }
      usleep(500)
    }
    return false
  }

  /// Waits for the end.
  func outcome() throws -> Outcome {
    while process.isRunning {
      if Date() > deadline { send(SIGKILL) }
      usleep(500)
    }
    process.waitUntilExit()
    let status = process.terminationStatus
    return Outcome(
      code: process.terminationReason == .exit ? status : -status,
      output: try text("output"), errors: try text("errors"))
  }

  /// Beside the test bundle, where the package manager puts every product.
  static let executable = URL(fileURLWithPath: "/proc/self/exe")
    .resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("lmtc")

  private func stream(_ name: String) throws -> FileHandle {
    let file = streams.appendingPathComponent(name)
    try Data().write(to: file)
    return try FileHandle(forWritingTo: file)
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: streams.appendingPathComponent(name)), as: UTF8.self)
  }
}
