import Foundation
import Glibc
import Testing

/// Exit codes, streams and color, as scripts rely on them.
@Suite struct ExitCodeTests {
  struct Case: CustomTestStringConvertible {
    let code: Int32
    let arguments: [String]
    let mention: String
    var testDescription: String { "\(code): \(arguments.joined(separator: " "))" }
  }

  static let cases = [
    Case(code: 1, arguments: ["compile", "spec.yaml", "--set", "network.nope=1"], mention: "nope"),
    Case(
      code: 2, arguments: ["run", "spec.yaml", "--set", "require=[parameters < 67]"],
      mention: "require.fails"),
    Case(code: 64, arguments: ["compile", "spec.yaml", "--bogus"], mention: "--bogus"),
    Case(code: 64, arguments: ["compile"], mention: "<spec>"),
    Case(code: 64, arguments: ["nonsense"], mention: "nonsense"),
    Case(code: 64, arguments: ["compile", "spec.yaml", "--set", "epochs"], mention: "--set"),
    Case(code: 64, arguments: ["compile", "spec.yaml", "--seed", "-1"], mention: "--seed"),
    Case(code: 64, arguments: ["compile", "spec.yaml", "--effort", "all"], mention: "thorough"),
    Case(code: 64, arguments: ["compile", "spec.yaml", "--threads", "0"], mention: "--threads"),
    Case(code: 64, arguments: ["compile", "spec.yaml", "--color", "red"], mention: "red"),
    Case(code: 64, arguments: ["compile", "spec.yaml", "--emit", "tea"], mention: "tea"),
    Case(
      code: 64, arguments: ["compile", "spec.yaml", "--emit", "graph", "--entry", "attack"],
      mention: "certify.attacks"),
    Case(code: 64, arguments: ["certify", "spec.yaml"], mention: "--weights"),
    Case(code: 65, arguments: ["run", "broken.yaml"], mention: "data.csv"),
    Case(code: 65, arguments: ["run", "spec.yaml", "--set", "data.scale=1e39"], mention: "scale"),
    Case(
      code: 65, arguments: ["certify", "spec.yaml", "--weights", "spec.yaml"],
      mention: "spec.yaml"),
    Case(code: 66, arguments: ["compile", "nothing.yaml"], mention: "nothing.yaml"),
    Case(code: 66, arguments: ["run", "missing.yaml"], mention: "nothing.csv"),
    Case(
      code: 66, arguments: ["certify", "spec.yaml", "--weights", "nothing"], mention: "nothing"),
    Case(
      code: 66, arguments: ["compile", "spec.yaml", "--emit", "ir", "-o", "no/such/folder"],
      mention: "no/such/folder"),
    Case(code: 66, arguments: ["run", "spec.yaml", "--out", "spec.yaml"], mention: "spec.yaml"),
    Case(code: 69, arguments: ["compile", "spec.yaml", "--device", "abacus"], mention: "abacus"),
    Case(code: 69, arguments: ["run", "spec.yaml", "--device", "abacus"], mention: "abacus"),
    Case(code: 69, arguments: ["run", "spec.yaml", "--device", "cpu:2"], mention: "cpu:2"),
    Case(code: 69, arguments: ["run", "spec.yaml", "--devices", "2"], mention: "device.count"),
    Case(code: 64, arguments: ["run", "spec.yaml", "--devices", "0"], mention: "--devices"),
    Case(
      code: 69, arguments: ["run", "spec.yaml", "--device", "xla:/no/such.so"],
      mention: "device.plugin"),
    Case(
      code: 69, arguments: ["run", "spec.yaml", "--device", "xla:spec.yaml"],
      mention: "./spec.yaml"),
  ]

  private func workplace() throws -> Workplace {
    let place = try Workplace()
    let table = "data: {format: csv, train: data.csv, test: "
    let spec = Workplace.tiny.replacing(/data: .*/, with: table + "data.csv, classes: 3}")
    try place.write(spec, to: "broken.yaml")
    try place.write("1,2,3,4,0\n1,2,three,4,1\n", to: "data.csv")
    try place.write("1,2,3,4,0\n1,2,3,4,1\n", to: "good.csv")
    // The training data is in order: what is missing shows before training all the same.
    let missing = "data: {format: csv, train: good.csv, test: nothing.csv, classes: 3}"
    try place.write(Workplace.tiny.replacing(/data: .*/, with: missing), to: "missing.yaml")
    return place
  }

  @Test(arguments: cases)
  func faultsHaveTheirCodes(fault: Case) throws {
    let place = try workplace()
    let outcome = try LMTCProcess(fault.arguments, in: place.folder).outcome()
    #expect(outcome.code == fault.code)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(fault.mention), "\(outcome.errors)")
    #expect(!place.contains("runs"))
  }

  @Test(arguments: cases.filter { $0.code != 64 })
  func diagnosticsAreOneDocumentOnStandardOutput(fault: Case) throws {
    let place = try workplace()
    let outcome = try LMTCProcess(fault.arguments + ["--json"], in: place.folder).outcome()
    #expect(outcome.code == fault.code && outcome.errors.isEmpty)
    let faults = try #require(try document(outcome.output)["diagnostics"] as? [[String: Any]])
    #expect(faults.first?["severity"] as? String == "error")
    #expect(outcome.output.hasSuffix("}\n") && !outcome.output.hasSuffix("\n\n"))
  }

  @Test func aPlaceInTheSpecIsData() throws {
    let outcome = try Workplace("lmt: 1\nname: n\nnetwork: {input: [2], layers: [dnse: 2]}\n")
      .lmtc("compile", "spec.yaml", "--json")
    let faults = try #require(try document(outcome.output)["diagnostics"] as? [Any])
    #expect(JSONShape.list(.diagnostic).mismatch(faults) == nil)
    #expect((faults.first as? [String: Any])?["help"] as? String == "did you mean 'dense'?")
  }

  @Test func aRequirementThatFailsAfterTheRunIsCodeTwo() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "run", "spec.yaml", "--quiet", "--set", "require=[lipschitz <= 1e-9]")
    #expect(outcome.code == 2 && outcome.output.contains("fails"))
    #expect(place.contains("runs/tiny/certificate.tsv"))
  }

  @Test(arguments: [
    ("lipschitz <= 1", 0), ("lipschitz < 1", 2), ("lipschitz <= 1 - 1e-30", 2),
    ("parameters <= 0", 0),
    ("parameters < 0", 2),
  ])
  func whatHoldsForEveryWeightIsDecidedByCompile(requirement: String, code: Int) throws {
    let spec = "lmt: 1\nname: n\nnetwork: {input: [2], layers: [relu]}\n"
    let outcome = try Workplace(spec)
      .lmtc("compile", "spec.yaml", "--set", "require=[\(requirement)]")
    #expect(Int(outcome.code) == code, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains(code == 0 ? "holds" : "fails"))
  }

  @Test(arguments: [SIGILL, SIGTRAP, SIGABRT])
  func aTrapIsABug(signal: Int32) throws {
    let place = try Workplace()
    let process = try LMTCProcess(
      ["run", "spec.yaml", "--out", "run", "--quiet", "--set", "train.epochs=100000"],
      in: place.folder)
    #expect(process.wait { place.contains("run/checkpoint.safetensors") })
    process.send(signal)
    let outcome = try process.outcome()
    #expect(outcome.code == 70 && outcome.errors.contains("bug"))
  }

  @Test func colorIsAsAsked() throws {
    let place = try Workplace()
    func errors(_ color: String, _ environment: [String: String] = [:]) throws -> String {
      try place.lmtc("compile", "nothing.yaml", "--color", color, environment: environment).errors
    }
    let escape = "\u{1B}["
    #expect(try errors("always").contains(escape))
    #expect(try !errors("never").contains(escape))
    // Standard error is no terminal here.
    #expect(try !errors("auto").contains(escape))
    #expect(try !errors("auto", ["NO_COLOR": "1"]).contains(escape))
  }

  @Test func effortOverridesTheSpec() throws {
    let place = try Workplace()
    let outcome = try place.lmtc("compile", "spec.yaml", "--effort", "thorough", "--emit", "spec")
    #expect(outcome.code == 0 && outcome.output.contains("effort: thorough"))
  }

  @Test func everyLackOfASpecThatCannotTrainIsReported() throws {
    let place = try Workplace("lmt: 1\nname: n\nnetwork: {input: [2], layers: [dense: 2]}\n")
    let outcome = try place.lmtc("run", "spec.yaml", "--seed", "2", "--effort", "quick")
    #expect(outcome.code == 1 && !place.contains("runs"))
    #expect(outcome.errors.contains("'train'") && outcome.errors.contains("'data'"))
  }
}
