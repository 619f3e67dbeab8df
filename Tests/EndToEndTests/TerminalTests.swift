import Foundation
import Glibc
import Testing

/// What stands in a terminal while a command works, and when it is interrupted.
@Suite struct TerminalTests {
  /// The lines that were drawn, and those among them that stayed.
  private static func lines(_ shown: String) -> (drawn: [Substring], left: Int) {
    // A terminal gets a carriage return before each line feed.
    let text = shown.replacing("\r\n", with: "\n").replacing("\r\u{1B}[K", with: "\r")
    let left = text.split(separator: "\n").count { !$0.contains("lmtc:") }
    return (text.split { $0 == "\n" || $0 == "\r" }.filter { !$0.hasPrefix("lmtc:") }, left)
  }

  @Test(arguments: [40, 60, 80, 200]) func noLineIsWiderThanTheTerminal(columns: Int) throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "made").code == 0)
    let more = ["--set", "data.test_samples=500"]
    let commands: [(words: [String], left: Int)] = [
      (["run", "spec.yaml", "--out", "run", "--set", "train.epochs=30"] + more, 2),
      (["certify", "spec.yaml", "--weights", "made/model.safetensors"] + more, 1),
      (["verify", "made"], 1), (["audit", "made", "--samples", "2000"], 1),
      (
        [
          "sweep", "spec.yaml", "--vary", "train.seed=1..4", "--jobs", "3", "--threads", "1",
          "--set", "train.epochs=30",
        ], 4
      ),
    ]
    for (words, left) in commands {
      let process = try TerminalProcess(words, in: place.folder, columns: columns)
      #expect(process.end() == 0, "\(words[0]): \(process.shown)")
      let lines = Self.lines(process.shown)
      #expect(!lines.drawn.isEmpty, "\(words[0])")
      #expect(lines.drawn.allSatisfy { $0.count < columns }, "\(words[0]): \(lines.drawn)")
      #expect(lines.left <= left, "\(words[0]): \(process.shown)")
    }
  }

  @Test func aSimpleTerminalGetsNoEscapes() throws {
    let place = try Workplace()
    let process = try TerminalProcess(
      ["run", "spec.yaml", "--set", "data.test_samples=2000"], in: place.folder, columns: 80,
      showsOutput: true, environment: ["TERM": "dumb"])
    #expect(process.end() == 0 && !process.shown.contains("\u{1B}"))
  }

  @Test func verdictsHaveColorsAtATerminal() throws {
    let place = try Workplace()
    func shown(_ words: String..., environment: [String: String?] = [:]) throws -> String {
      let process = try TerminalProcess(
        words + ["--set", "require=[lipschitz <= 1e9, lipschitz <= 1e-9]"], in: place.folder,
        columns: 80, showsOutput: true, environment: environment)
      _ = process.end()
      return process.shown
    }
    let run = try shown("run", "spec.yaml", "--out", "run", "--quiet")
    #expect(run.contains("\u{1B}[32mholds\u{1B}[0m") && run.contains("\u{1B}[31mfails\u{1B}[0m"))
    #expect(try shown("compile", "spec.yaml").contains("\u{1B}[33mdeferred\u{1B}[0m"))
    for plain in [
      try shown("compile", "spec.yaml", environment: ["NO_COLOR": "1"]),
      try shown("compile", "spec.yaml", environment: ["TERM": "dumb"]),
      try shown("compile", "spec.yaml", "--color", "never"),
      try place.lmtc("gate", "run").output, try place.lmtc("verify", "run").output,
    ] { #expect(!plain.contains("\u{1B}") && plain.count > 10) }
    #expect(
      try shown("compile", "spec.yaml", environment: ["NO_COLOR": ""]).contains("\u{1B}[33m"))
    let always = try place.lmtc("gate", "run", "--color", "always")
    #expect(always.output.contains("\u{1B}[31mfailed\u{1B}[0m"))
    #expect(try place.lmtc("verify", "run", "--color", "always").output.contains("\u{1B}[32mver"))
  }

  @Test func anInterruptionSaysWhatIsKept() throws {
    let place = try Workplace()
    #expect(try place.lmtc("run", "spec.yaml", "--out", "made").code == 0)
    let many = ["--set", "data.test_samples=200000"]
    let certify = ["certify", "spec.yaml", "--weights", "made/model.safetensors"] + many
    let cases: [(words: [String], phase: String, kept: String)] = [
      (["run", "spec.yaml", "--set", "train.epochs=100000"], "epoch 2", "checkpoint.safetensors'"),
      (certify, "of 200,000", "nothing new was written"),
      (certify + ["--out", "kept"], "of 200,000", "certificate.journal'"),
      (["audit", "made", "--samples", "100000000"], "of ", "nothing new was written"),
      (
        ["sweep", "spec.yaml", "--vary", "train.seed=1,2", "--set", "train.epochs=100000"],
        "runs", "start the same sweep again"
      ),
    ]
    for (words, phase, kept) in cases {
      let process = try TerminalProcess(words, in: place.folder, columns: 80)
      #expect(process.wait(for: phase), "\(words[0]): \(process.shown)")
      process.send(SIGINT)
      #expect(process.end() == 130, "\(words[0])")
      #expect(process.shown.contains(kept), "\(words[0]): \(process.shown)")
    }
  }
}
