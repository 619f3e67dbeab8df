import Foundation

/// Another implementation of the same step in a process of its own: it reads `N` on a line, makes
/// N steps and answers with the seconds they took.
final class Peer {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  /// Starts `python script workload threads`; nil if it does not answer.
  init?(python: String, script: String, workload: String, threads: Int) {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python, script, workload, String(threads)]
    process.standardInput = input
    process.standardOutput = output
    guard (try? process.run()) != nil, seconds(steps: 2) != nil else { return nil }
  }

  /// The seconds that a number of steps take; nil once the process has ended.
  func seconds(steps: Int) -> Double? {
    input.fileHandleForWriting.write(Data("\(steps)\n".utf8))
    var line = Data()
    while let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty {
      if byte[0] == 10 { return Double(String(decoding: line, as: UTF8.self)) }
      line += byte
    }
    return nil
  }

  /// Ends the process.
  func stop() {
    input.fileHandleForWriting.closeFile()
    process.waitUntilExit()
  }
}
