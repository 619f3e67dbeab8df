import CPUBackend
import Compiler
import Execution
import ModelIR
import TensorGraph
import Testing

@testable import Commands
@testable import Training

/// The key `train.precision`.
@Suite struct TrainedPrecisionTests {
  private func step(_ precision: String) throws -> Graph {
    let loading = try Workplace().loading(set: ["train.precision=\(precision)"])
    return TrainingStep(loading.compilation, try loading.training()).graph
  }

  /// Forward, and backward in the weights of both layers and in the input of the second; those of power iteration
  /// are float32.
  @Test func productsOfTheNetworkHaveRoundedOperands() throws {
    let graph = try step("bfloat16")
    let products = graph.nodes.filter { if case .dot = $0.operation { true } else { false } }
    let rounded = products.filter { product in
      product.operands.allSatisfy { graph[$0].operation == .unary(.bfloat16) }
    }
    #expect(rounded.count == 5)
    for product in products {
      let isMixed = Set(product.operands.map { graph[$0].operation == .unary(.bfloat16) }).count > 1
      #expect(!isMixed)
    }
    #expect(products.count > rounded.count)
    #expect(try !step("float32").nodes.contains { $0.operation == .unary(.bfloat16) })
  }

  @Test func trainingIsSlightlyDifferent() throws {
    let spec = ["train.epochs=20", "train.seed=3"]
    let plain = try Workplace().train(set: spec).weights
    let rounded = try Workplace().train(set: spec + ["train.precision=bfloat16"]).weights
    for (name, tensor) in plain.tensors {
      let found = rounded.elements(of: name)
      #expect(found != tensor.elements)
      #expect(zip(found, tensor.elements).allSatisfy { abs($0 - $1) < 0.1 }, "\(name)")
      // The weights are those of float32: some have more than 8 significant bits.
      #expect(found.contains { Double($0).roundedToBFloat16 != Double($0) })
    }
  }

  /// On a processor with such products the same graph runs on them.
  @Test func theEngineComputesWhatTheReferenceDoes() throws {
    let loading = try Workplace().loading(
      set: [
        "train.precision=bfloat16", "network.input=[16, 8, 8]", "data.format=synthetic",
        "network.layers=[{conv2d: {filters: 32, kernel: 3, padding: 1}}, relu,"
          + " {conv2d: {filters: 32, kernel: 3, padding: 1}}, relu, flatten, dense: 3]",
      ])
    let train = try loading.training()
    let step = TrainingStep(loading.compilation, train)
    let start = try InitialState(loading.compilation, step: step, weights: nil).fresh()
    let samples = try loading.samples(.train)
    let results = try [CPUBackend(threads: 2), ReferenceBackend()].map { (backend: any Backend) in
      let executable = try backend.compile(step.graph, for: .training)
      for (name, tensor) in start.tensors { executable.write(name, tensor) }
      try executable.write(samples, Array(0..<16), to: TrainingStep.Name.images)
      executable.withInput(TrainingStep.Name.labels) { samples.copyLabels(Array(0..<16), to: $0) }
      executable.withInput(TrainingStep.Name.learningRate) { $0[0] = 1e-3 }
      executable.withInput(TrainingStep.Name.marginWeight) { $0[0] = 0.2 }
      try executable.execute()
      return executable.read(TrainingStep.Name.loss).elements[0]
    }
    // Roundings of nearly equal numbers may go different ways.
    #expect(abs(results[0] - results[1]) < 1e-3 * abs(results[1]), "\(results)")
  }

  /// What may be rounded is up to the engine; the CPU engine rounds nothing and says so.
  @Test func tf32IsFloat32WithoutSuchProducts() throws {
    let place = try Workplace()
    let loading = try place.loading(set: ["train.precision=tf32"])
    let step = TrainingStep(loading.compilation, try loading.training())
    #expect(step.purpose == .trainingWithTF32)
    #expect(try step.graph == self.step("float32"))
    for precision in ["tf32", "float32"] {
      let outcome = try place.lmtc(
        "run", "spec.yaml", "--set", "train.precision=\(precision)", "--out", precision)
      #expect(outcome.code == 0)
      #expect(outcome.errors.contains("warning[train.precision]") == (precision == "tf32"))
    }
    let weights = try place.bytes("float32/model.safetensors")
    #expect(try place.bytes("tf32/model.safetensors") == weights)
  }

  /// XLA's name for the device's fastest products, in training steps alone.
  @Test(arguments: [("tf32", "train"), ("tf32", "evaluate"), ("float32", "train")])
  func tf32IsThePrecisionOfXLAsProducts(_ precision: String, _ entry: String) throws {
    let outcome = try Workplace().lmtc(
      "compile", "spec.yaml", "--emit", "stablehlo", "--entry", entry, "--set",
      "train.precision=\(precision)")
    let isFast = precision == "tf32" && entry == "train"
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("precision = [DEFAULT, DEFAULT]") == isFast)
    #expect(outcome.output.contains("precision = [HIGHEST, HIGHEST]") != isFast)
  }

  @Test(.enabled(if: !CPUBackend(threads: 1).hasFastBFloat16))
  func aProcessorWithoutSuchProductsIsNamed() throws {
    let place = try Workplace()
    let outcome = try place.lmtc("run", "spec.yaml", "--set", "train.precision=bfloat16")
    #expect(outcome.errors.contains("warning[train.precision]"), "\(outcome.errors)")
    #expect(outcome.code == 0)
    let plain = try place.lmtc("run", "spec.yaml", "--set", "train.precision=float32")
    #expect(!plain.errors.contains("train.precision"), "\(plain.errors)")
  }
}
