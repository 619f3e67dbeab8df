import Diagnostics
import FoundationEssentials
import Glibc
import Testing

@testable import Files
@testable import Training

@Suite struct WritingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func replacesAWholeFileAndLeavesNothingElse() throws {
    let path = folder.path + "/x"
    try AtomicFile.write("one", to: path)
    try AtomicFile.write("two", to: path)
    #expect(try FileReading.bytes(of: path) == Array("two".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x"])
  }

  @Test func keepsTheOldFileWhenWritingFails() throws {
    let path = try folder.file("x", [1])
    #expect(mkdir(folder.path + "/.x.partial-\(getpid())", 0o700) == 0)
    #expect(throws: Failure.self) { try AtomicFile.write("two", to: path) }
    #expect(try FileReading.bytes(of: path) == [1])
    #expect(throws: Failure.self) { try AtomicFile.write("x", to: folder.path) }
    #expect(throws: Failure.self) { try AtomicFile.write("x", to: folder.path + "/no/x") }
  }

  @Test func makesARunFolderAndCleansIt() throws {
    let path = folder.path + "/runs/a/b"
    _ = try RunFolder(creating: path)
    try AtomicFile.write("x", to: path + "/.result.json.partial-\(pid_t.max)")
    let run = try RunFolder(creating: path)
    try run.write("{}", as: .result)
    #expect(run.contains(.result))
    #expect(!run.contains(.model))
    #expect(try run.read(.result) == Array("{}".utf8))
    #expect(FileReading.kind(of: path + "/.result.json.partial-\(pid_t.max)") == nil)
    #expect(try RunFolder(existing: path).path(of: .metrics) == path + "/metrics.jsonl")
    #expect(throws: Failure.self) { try RunFolder(existing: path + "x") }
    #expect(throws: Failure.self) { try RunFolder(creating: path + "/result.json/x") }
  }

  @Test(arguments: [
    ("mnist-cnn", "runs/mnist-cnn"), ("../../etc", "runs/-..-etc"), ("a b/ü", "runs/a-b--"),
    ("", "runs/unnamed"), ("..", "runs/unnamed"),
  ])
  func keepsRunsInTheirFolder(name: String, path: String) {
    #expect(RunFolder.defaultPath(for: name) == path)
  }

  @Test func continuesALog() throws {
    let path = try folder.file("metrics.jsonl", Array("{\"epoch\": 1}\n{\"epoch\": 2}\n{\"ep".utf8))
    let log = try MetricsLog(path, keeping: 1)
    try log.append(["epoch": 2, "loss": 0.5])
    #expect(
      try FileReading.bytes(of: path)
        == Array("{\"epoch\": 1}\n{\"epoch\": 2, \"loss\": 0.5}\n".utf8))
    _ = try MetricsLog(path, keeping: 5)
    #expect(try FileReading.bytes(of: path).count { $0 == 10 } == 2)
    _ = try MetricsLog(path)
    #expect(try FileReading.bytes(of: path).isEmpty)
  }
}
