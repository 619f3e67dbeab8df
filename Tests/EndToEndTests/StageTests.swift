import Diagnostics
import Foundation
import Testing

@testable import Commands

/// `compile`: stages as text, diagnostics that explain.
@Suite struct StageTests {
  static let specs = [
    Workplace.tiny,
    """
    lmt: 1
    name: branches
    let: {width: 4}
    define:
      block:
        parameters: {width: 2}
        layers:
          - residual:
              branch: [conv2d: {filters: "${width}", kernel: 3, padding: same}, relu]
    network:
      input: [2, 6, 6]
      layers:
        - conv2d: {filters: "${width}", kernel: 3, padding: 1}
        - repeat: {times: 2, layers: [block: {width: "${width}"}]}
        - parallel: {branches: [[relu], [abs]], merge: concat}
        - flatten
        - dense: 3

    """,
  ]

  @Test(arguments: Stage.allCases, specs.indices)
  func stagesAreDeterministic(stage: Stage, spec: Int) throws {
    let place = try Workplace(Self.specs[spec])
    let first = try place.lmtc("compile", "spec.yaml", "--emit", stage.rawValue)
    let second = try place.lmtc("compile", "spec.yaml", "--emit", stage.rawValue, "-o", "out")
    #expect(first.code == 0 && second.code == 0, "\(first.errors)")
    #expect(!first.output.isEmpty && second.output.isEmpty)
    #expect(try place.text("out") == first.output)
  }

  @Test(arguments: specs.indices)
  func theResolvedSpecCompilesToTheSame(spec: Int) throws {
    let place = try Workplace(Self.specs[spec])
    #expect(try place.lmtc("compile", "spec.yaml", "--emit", "spec", "-o", "out.yaml").code == 0)
    for stage in Stage.allCases {
      let ofSpec = try place.lmtc("compile", "spec.yaml", "--emit", stage.rawValue)
      let ofOutput = try place.lmtc("compile", "out.yaml", "--emit", stage.rawValue)
      #expect(ofSpec.output == ofOutput.output && ofOutput.code == 0, "\(stage)")
    }
  }

  @Test(arguments: ["dense: 64", "conv2d: {filters: 8, kernel: 3, padding: 1}"])
  func aHundredLayersCompile(linear: String) throws {
    let layers = Array(repeating: "    - \(linear)\n    - relu\n", count: 49).joined()
    let isDense = linear.hasPrefix("dense")
    let place = try Workplace(
      "lmt: 1\nname: deep\nnetwork:\n  input: \(isDense ? "[64]" : "[3, 8, 8]")\n  layers:\n"
        + layers + "    - flatten\n    - dense: 10\n")
    let (first, second) = (try place.loading(), try place.loading())
    #expect(first.compilation.model.nodes.count == 100)
    #expect(first.compilation.model.description == second.compilation.model.description)
    #expect(
      "\(first.compilation.bounds.network)" == "\(second.compilation.bounds.network)")
    #expect(first.compilation.bounds.network.symbols.count == 50)
  }

  @Test(arguments: [
    ("self_attention", "multiplies its input with itself"), ("square", "grows without limit"),
    ("sign", "discontinuous"),
  ])
  func aLayerWithoutAConstantIsExplained(kind: String, reason: String) throws {
    let diagnostics = faults(Workplace.tiny.replacing("    - relu", with: "    - \(kind)"))
    let fault = try #require(diagnostics.first)
    #expect(diagnostics.count == 1)
    #expect(fault.id.area == .bound && fault.message.contains(reason), "\(fault.message)")
  }

  @Test func independentFaultsAreReportedTogether() throws {
    let spec = Workplace.tiny
      .replacing("dense: 8", with: "dense: {unit: 8}")
      .replacing("classes: 3}", with: "classes: 3, nose: 1}")
      .replacing("epochs: 3", with: "epochs: none")
    let texts = faults(spec).map(\.message).joined(separator: "\n")
    for mention in ["'unit'", "'nose'", "'epochs'"] {
      #expect(texts.contains(mention), "\(texts)")
    }
  }

  @Test func shapesAndLogitsAreChecked() throws {
    for change in [("dense: 3", "dense: 4"), ("dense: 3", "dense: 1"), ("relu", "max_pool: 2")] {
      let spec = Workplace.tiny.replacing("- " + change.0, with: "- " + change.1)
      #expect(!faults(spec).isEmpty, "\(change)")
    }
  }

  private func faults(_ spec: String) -> [Diagnostic] {
    do {
      _ = try Workplace(spec).loading()
      return []
    } catch {
      return (error as? Failure)?.diagnostics ?? []
    }
  }
}
