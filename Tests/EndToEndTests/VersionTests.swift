import Foundation
import MatrixProducts
import Testing

@testable import Compiler

/// `lmtc version` as people and scripts see it, on any processor.
@Suite struct VersionTests {
  private static let names = [
    "lmtc", "processor", "threads", "device cpu", "device xla", "products in Double", "libyaml",
    "zlib", "GMP",
    "Nettle",
  ]

  @Test(arguments: [["version"], ["--version"]]) func printsTheVersion(_ arguments: [String]) throws
  {
    let outcome = try LMTCProcess(arguments, in: try Workplace().folder).outcome()
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    #expect(outcome.output == Product.version + "\n")
  }

  @Test func describesWhatResultsDependOn() throws {
    let outcome = try Workplace().lmtc("version", "--verbose")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    let lines = outcome.output.split(separator: "\n")
    let pairs = try lines.map { try #require($0.firstMatch(of: /^(.+?) {2,}(\S.*)$/), "\($0)") }
    #expect(pairs.map { String($0.1) } == Self.names)
    let values = Dictionary(uniqueKeysWithValues: pairs.map { (String($0.1), String($0.2)) })
    #expect(values["lmtc"] == Product.version)
    #expect(values["device cpu"]?.wholeMatch(of: /oneDNN [23]\.\d+\.\d+ for [a-z0-9_]+/) != nil)
    #expect(values["products in Double"] == "own kernels for \(MatrixProduct.instructionSet)")
    for name in ["libyaml", "zlib", "GMP", "Nettle"] {
      #expect(values[name]?.wholeMatch(of: /\d+(\.\d+)+\S*/) != nil, "\(name)")
    }
  }

  @Test func describesItInJSON() throws {
    let outcome = try Workplace().lmtc("version", "--verbose", "--json")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(
      object.keys.sorted() == ["devices", "libraries", "lmtc", "processor", "products", "threads"])
    let processor = try #require(object["processor"] as? [String: Any])
    #expect(processor["instruction_sets"] as? [String] == Processor.instructionSets)
  }
}
