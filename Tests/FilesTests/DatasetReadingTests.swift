import Diagnostics
import FileFixtures
import Glibc
import ModelIR
import Testing

@testable import Files

@Suite struct DatasetReadingTests {
  let folder: TemporaryFolder
  let requests = [
    DataFileRequest("images", candidates: ["train-images", "train.images"]),
    DataFileRequest("labels", candidates: ["train-labels"]),
  ]

  init() throws { folder = try TemporaryFolder() }

  @Test func findsPlainAndCompressedFiles() throws {
    _ = try folder.file("train.images", [1, 2])
    _ = try folder.file("train-labels.gz", deflated([3]))
    let files = try read(requests, at: folder.path)
    #expect(try files["images"].source.allBytes() == [1, 2])
    #expect(try files["labels"].source.allBytes() == [3])
    let beside = try read(requests, at: folder.path + "/train-labels.gz")
    #expect(beside["images"].path == folder.path + "/train.images")
  }

  @Test func readsASingleFileUnderAnyName() throws {
    let path = try folder.file("anything", deflated([5]))
    #expect(try read([requests[0]], at: path)["images"].source.allBytes() == [5])
  }

  @Test func listsEveryMissingFile() throws {
    _ = try folder.file("train-lables", [1])
    let found = diagnostics { () throws(Failure) in
      try read(requests, at: folder.path)
    }
    #expect(found.map(\.id.description) == ["file.missing", "file.missing"])
    #expect(found[0].message.contains("'train.images.gz'"))
    #expect(found[1].help == "did you mean 'train-lables'?")
  }

  @Test func rejectsAFileThatDoesNotNameTheSet() throws {
    let path = try folder.file("other", [1])
    let found = diagnostics { () throws(Failure) in try read(requests, at: path) }
    #expect(found.map(\.id.description) == ["file.name"])
  }

  @Test func findsTheFilesOfEachClass() throws {
    for name in ["b", "a", ".hidden"] { #expect(mkdir(folder.path + "/" + name, 0o700) == 0) }
    for name in ["readme", "b/2", "b/1", "b/.3"] { _ = try folder.file(name, name.utf8) }
    let files = try DatasetReading.read(.classFolders, at: folder.path, in: DataWorkspace())
    #expect(files.folders.map(\.name) == ["a", "b"])
    #expect(files.folders[0].paths == [])
    #expect(files.folders[1].paths == ["/b/1", "/b/2"].map { folder.path + $0 })
    let second = try files.folders[1].open(files.folders[1].paths[1])
    #expect(try second.source.allBytes() == Array("b/2".utf8))
    let found = diagnostics { () throws(Failure) in
      try DatasetReading.read(.classFolders, at: folder.path + "/c", in: DataWorkspace())
    }
    #expect(found.map(\.id.description) == ["file.missing"])
  }

  @Test func needsTheSameClassesInBothSplits() throws {
    for name in ["train", "test", "train/a", "train/b", "test/a", "test/c"] {
      #expect(mkdir(folder.path + "/" + name, 0o700) == 0)
    }
    do throws(Failure) {
      try ClassFolders.match(folder.path + "/train", folder.path + "/test")
      Issue.record("took b for c")
    } catch {
      #expect(error.diagnostics.map(\.id.description) == ["data.class-folders"])
      #expect(error.diagnostics[0].message.contains("'b' is only in '\(folder.path)/train'"))
    }
    try ClassFolders.match(folder.path + "/train", folder.path + "/train")
    try ClassFolders.match(folder.path + "/train", folder.path + "/nowhere")
  }

  @Test func suggestsForAMissingPath() throws {
    _ = try folder.file("digits.csv", [1])
    let found = diagnostics { () throws(Failure) in
      try read([requests[0]], at: folder.path + "/digit.csv")
    }
    #expect(found.map(\.id.description) == ["file.missing"])
    #expect(found.first?.help == "did you mean 'digits.csv'?")
  }

  @Test(arguments: ["folder", "pipe", "device", "link", "chain"])
  func refusesWhatIsNoRegularFile(kind: String) throws {
    let path = folder.path + "/x"
    switch kind {
    case "folder": #expect(mkdir(path, 0o700) == 0)
    case "pipe": #expect(mkfifo(path, 0o600) == 0)
    case "device": #expect(symlink("/dev/zero", path) == 0)
    case "link": #expect(symlink(path, path) == 0)
    default: #expect(symlink("nowhere", path) == 0)
    }
    let found = diagnostics { () throws(Failure) in
      DataFiles(named: [path: DataFile(path: path, bytes: try FileReading.bytes(of: path))])
    }
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.id.area == .file })
  }

  @Test func refusesALargerFileThanAllowed() throws {
    let path = try folder.file("x", Array(repeating: 1, count: 11))
    #expect(try FileReading.bytes(of: path, limit: 11).count == 11)
    #expect(throws: Failure.self) { try FileReading.bytes(of: path, limit: 10) }
  }

  private func read(
    _ requests: [DataFileRequest], at path: String
  ) throws(Failure) -> DataFiles {
    try DatasetReading.read(.files(requests), at: path, in: DataWorkspace())
  }

  private func diagnostics(
    _ body: () throws(Failure) -> DataFiles
  ) -> [Diagnostic] {
    do throws(Failure) {
      _ = try body()
      return []
    } catch { return error.diagnostics }
  }
}
