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
      #expect(
        withoutPlaces(ofSpec.output) == withoutPlaces(ofOutput.output) && ofOutput.code == 0,
        "\(stage)")
    }
  }

  /// The text of a stage without the lines of the spec that it names.
  private func withoutPlaces(_ text: String) -> String {
    text.replacing(#/"(spec|out).yaml":[0-9]+:[0-9]+/#, with: "")
  }

  @Test func everyEntryPointIsWritten() throws {
    let place = try Workplace(
      Workplace.tiny.replacing("radii: [0.1, 1/4]", with: "radii: [0.1]\n  attacks: [pgd]"))
    let names = [
      EntryPoint.train: "train_step", .evaluate: "predict", .certify: "predict",
      .attack: "attack_step",
    ]
    for entry in EntryPoint.allCases {
      let name = try #require(names[entry])
      for (stage, start) in [("graph", "graph \"\(name)\""), ("stablehlo", "module @\(name) {")] {
        let outcome = try place.lmtc(
          "compile", "spec.yaml", "--emit", stage, "--entry", entry.rawValue)
        #expect(outcome.code == 0 && outcome.output.hasPrefix(start), "\(outcome)")
      }
      let plan = try place.lmtc("compile", "spec.yaml", "--emit", "plan", "--entry", entry.rawValue)
      #expect(plan.code == 0 && !plan.output.isEmpty, "\(plan)")
    }
  }

  @Test func stableHLOOfASmallSpecReadsLikeIt() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "compile", "spec.yaml", "--emit", "stablehlo", "--entry", "certify")
    #expect(outcome.output == Self.prediction, "\(outcome)")
    let step = try place.lmtc("compile", "spec.yaml", "--emit", "stablehlo").output
    for donated in ["step", "dense_1.weight", "dense_1.weight/first_moment", "power/dense_2"] {
      let argument = #/tf.aliasing_output = [0-9]+ : i32} loc\("(?<name>[^"]*)"/#
      #expect(step.matches(of: argument).contains { $0.name == donated }, "\(step)")
    }
  }

  private static let prediction = """
    module @predict {
      func.func public @main(
        %images: tensor<1x4xf32> loc("images"),
        %dense_1.weight: tensor<8x4xf32> loc("dense_1.weight"("spec.yaml":7:7)),
        %dense_1.bias: tensor<8xf32> loc("dense_1.bias"("spec.yaml":7:7)),
        %dense_2.weight: tensor<3x8xf32> loc("dense_2.weight"("spec.yaml":9:7)),
        %dense_2.bias: tensor<3xf32> loc("dense_2.bias"("spec.yaml":9:7))
      ) -> (
        tensor<1x3xf32> {jax.result_info = "logits"}
      ) {
        %5 = stablehlo.dot_general %images, %dense_1.weight, contracting_dims = [1] x [1], \
    precision = [HIGHEST, HIGHEST] : (tensor<1x4xf32>, tensor<8x4xf32>) -> tensor<1x8xf32> \
    loc("spec.yaml":7:7)
        %6 = stablehlo.broadcast_in_dim %dense_1.bias, dims = [1] : (tensor<8xf32>) \
    -> tensor<1x8xf32> loc("spec.yaml":7:7)
        %7 = stablehlo.add %5, %6 : tensor<1x8xf32> loc("spec.yaml":7:7)
        %8 = stablehlo.constant dense<0.0> : tensor<1x8xf32>
        %9 = stablehlo.maximum %7, %8 : tensor<1x8xf32> loc("spec.yaml":7:7)
        %10 = stablehlo.dot_general %9, %dense_2.weight, contracting_dims = [1] x [1], \
    precision = [HIGHEST, HIGHEST] : (tensor<1x8xf32>, tensor<3x8xf32>) -> tensor<1x3xf32> \
    loc("spec.yaml":9:7)
        %11 = stablehlo.broadcast_in_dim %dense_2.bias, dims = [1] : (tensor<3xf32>) \
    -> tensor<1x3xf32> loc("spec.yaml":9:7)
        %12 = stablehlo.add %10, %11 : tensor<1x3xf32> loc("spec.yaml":9:7)
        return %12 : tensor<1x3xf32>
      }
    }

    """

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
