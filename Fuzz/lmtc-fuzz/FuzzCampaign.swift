import Foundation
import Glibc

/// Runs targets in child processes for a time and collects what ends them.
struct FuzzCampaign {
  /// What a file did.
  struct Finding {
    let target: String
    let index: Int
    let cause: String
  }

  let seed: UInt64
  /// Seconds that a single file may take.
  var deadline = 10.0

  /// A target with so many findings needs no more.
  var mostFindings = 10

  /// Whether faults made on purpose are found, each in the first file that is not a seed.
  static func noticesFaults() throws -> Bool {
    let campaign = FuzzCampaign(seed: 1, deadline: 1, mostFindings: 1)
    return try FuzzTarget.faulty.allSatisfy { target in
      let found = try campaign.run(target, seconds: 30).findings.first
      print("\(target.name): \(found?.cause ?? "not noticed")")
      return found != nil
    }
  }

  /// In memory where the system has such a folder: a disk flushes each file that is written anew.
  private static let scratch: URL = {
    let memory = URL(filePath: "/dev/shm")
    let isThere = FileManager.default.isWritableFile(atPath: memory.path)
    return isThere ? memory : FileManager.default.temporaryDirectory
  }()

  /// Runs a target for so many seconds; the number of inputs read, and findings.
  func run(_ target: FuzzTarget, seconds: Double) throws -> (count: Int, findings: [Finding]) {
    let end = Date(timeIntervalSinceNow: seconds)
    var (first, findings): (Int, [Finding]) = (0, [])
    while Date() < end, findings.count < mostFindings {
      let (last, cause) = try child(target, from: first, until: end)
      first = last + 1
      if let cause { findings.append(Finding(target: target.name, index: last, cause: cause)) }
    }
    return (first, findings)
  }

  /// One child to its end: the last index it began, and why it ended if that is a finding.
  private func child(
    _ target: FuzzTarget, from first: Int, until end: Date
  ) throws -> (last: Int, cause: String?) {
    let folder = Self.scratch.appending(path: "lmtc-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let child = try ChildProcess([
      "--child", target.name, "\(seed)", "\(first)", folder.appending(path: "input").path,
    ])
    defer { child.stop() }
    var progress = Progress(child.output, first: first)
    while true {
      let isOpen = progress.poll(milliseconds: 100)
      if !isOpen { return (progress.last, "ended the process: \(child.end())") }
      if Date() > end { return (progress.last, nil) }
      if progress.isStuck(for: deadline) {
        return (progress.last, "took more than \(Int(deadline)) s")
      }
    }
  }

  /// The indices that a child has announced.
  private struct Progress {
    private let descriptor: Int32
    private(set) var last: Int
    private var since = Date()
    private var line = ""

    init(_ descriptor: Int32, first: Int) {
      self.descriptor = descriptor
      last = first
    }

    func isStuck(for seconds: Double) -> Bool { Date().timeIntervalSince(since) > seconds }

    /// Waits for output and reads what is there; false at its end.
    mutating func poll(milliseconds: Int32) -> Bool {
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard Glibc.poll(&entry, 1, milliseconds) > 0 else { return true }
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return false }
      since = Date()
      line += String(decoding: buffer[..<count], as: UTF8.self)
      let lines = line.split(separator: "\n", omittingEmptySubsequences: false)
      last = lines.dropLast().last.flatMap { Int($0) } ?? last
      line = String(lines.last ?? "")
      return true
    }
  }
}
