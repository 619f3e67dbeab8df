import Foundation
import Testing

/// Mistakes on the command line and in paths are answered with the fix.
@Suite struct CommandMistakeTests {
  @Test(arguments: [
    ("trian", "did you mean 'run'?"), ("train", "in lmtc this is 'run'"),
    ("comple", "did you mean 'compile'?"), ("certfy", "did you mean 'certify'?"),
  ])
  func aWordThatIsNoCommand(_ word: String, _ advice: String) throws {
    let outcome = try Workplace().lmtc(word, "spec.yaml")
    #expect(outcome.code == 64 && outcome.errors.contains(advice), "\(outcome.errors)")
  }

  @Test func dataThatIsNotThereShowsAtCompile() throws {
    let place = try Workplace()
    try place.write("0,1,0\n1,0,1\n", to: "here.csv")
    try place.write(
      """
      lmt: 1
      name: paths
      data: {format: csv, train: here.csv, test: there.csv, classes: 2}
      network: {input: [2], layers: [dense: 2]}
      """, to: "paths.yaml")
    let outcome = try place.lmtc("compile", "paths.yaml")
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("paths.yaml:3:1: warning[data.missing-file]"))
    #expect(outcome.errors.contains("'there.csv'") && !outcome.errors.contains("'here.csv'"))
  }

  @Test func thePythonArchiveIsRecognized() throws {
    let place = try Workplace()
    for (format, files) in [
      ("cifar10", ["batches.meta", "test_batch"]), ("cifar100", ["meta", "test"]),
    ] {
      try FileManager.default.createDirectory(
        at: place.folder.appendingPathComponent(format), withIntermediateDirectories: true)
      for file in files { try place.write("", to: "\(format)/\(file)") }
      try place.write(
        """
        lmt: 1
        name: python
        data: {format: \(format), train: \(format), test: \(format), scale: 1/255}
        network: {input: [3, 32, 32], layers: [flatten, dense: \(format.dropFirst(5))]}
        train: {epochs: 1}
        """, to: "python.yaml")
      let outcome = try place.lmtc("run", "python.yaml")
      #expect(outcome.code == 66, "\(outcome.errors)")
      #expect(
        outcome.errors.contains("cifar-\(format.dropFirst(5))-binary.tar.gz"), "\(outcome.errors)")
    }
  }

  @Test func aFaultThatAllRowsShareIsReportedOnce() throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "run", "--quiet").code == 0)
    try place.write(String(repeating: "1,2,3\n", count: 20), to: "new.csv")
    let outcome = try place.lmtc("predict", "run", "--input", "new.csv")
    #expect(outcome.code == 65)
    #expect(outcome.errors.matches(of: /error\[data.columns\]/).count == 1, "\(outcome.errors)")
  }
}
