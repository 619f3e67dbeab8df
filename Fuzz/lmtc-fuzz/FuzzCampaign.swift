import Foundation
import Glibc

/// Runs targets in child processes for a time and collects what ends them.
struct FuzzCampaign {
  /// What a file did.
  struct Finding {
    let target: String
    let index: Int
    /// Why the child that read it ended.
    let cause: String
    /// The file.
    let bytes: Data
  }

  /// How far a child came, and the finding that ended it if one did.
  private typealias End = (last: Int, finding: Finding?)

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
      let (last, finding) = try child(target, from: first, until: end)
      first = last + 1
      if let finding { findings.append(finding) }
    }
    return (first, findings)
  }

  /// One child to its end.
  private func child(
    _ target: FuzzTarget, from first: Int, until end: Date
  ) throws -> End {
    let folder = Self.scratch.appending(path: "lmtc-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appending(path: "input")
    let child = try ChildProcess(["--child", target.name, "\(seed)", "\(first)", input.path])
    defer { child.stop() }
    var progress = Progress(child.output, first: first)
    func finding(_ cause: String) throws -> End {
      child.stop()
      let bytes = try Data(contentsOf: input.appending(path: target.file))
      let index = progress.last
      return (index, Finding(target: target.name, index: index, cause: cause, bytes: bytes))
    }
    while true {
      let isOpen = progress.poll(milliseconds: 100)
      if !isOpen { return try finding("ended the process: \(child.end())") }
      if Date() > end { return (progress.last, nil) }
      if progress.isStuck(for: deadline) {
        return try finding("took more than \(Int(deadline)) s")
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
