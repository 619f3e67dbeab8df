import CPUBackend
import Diagnostics
import Execution
import FileFormats
import ModelIR
import Testing

@testable import Compiler
@testable import Files
@testable import Training

/// The example entries together: read from a spec, compiled and trained.
@Suite struct ExtendedTrainingTests {
  /// Twelve records whose class is the position of the largest of the first three values.
  static let records: [UInt8] = (0..<12).flatMap { sample -> [UInt8] in
    let label = sample % 3
    return [UInt8(label)] + (0..<4).map { $0 == label ? 200 : UInt8(10 * sample) }
  }

  static func samples(_ bytes: [UInt8]) throws -> SampleSet {
    var diagnostics: [Diagnostic] = []
    let format = try #require(RecordsFormat.read("", &diagnostics))
    let file = DataFile(path: "train.records", bytes: bytes)
    let data = try format.decode(
      DataFiles(named: ["records": file]), split: .train, shape: [4], classes: 3)
    return try SampleSet(data, scale: 1.0 / 255, classes: 3)
  }

  @Test(arguments: [CPUBackend(threads: 1), DoubleBackend()] as [any Backend])
  func theLossFalls(engine: any Backend) throws {
    let compilation = try ExtendedCatalog.compile()
    let train = try #require(compilation.spec.train)
    let step = TrainingStep(compilation, train)
    let executable = try engine.compile(step.graph, for: .training)
    let adversary = try AdversarialTraining(
      try #require(train.adversarial), compilation, of: executable, batch: train.batch,
      backend: engine)
    let trainer = Trainer(
      executable, plan: TrainingPlan(train, seed: 1),
      samples: try Self.samples(Self.records), adversary: adversary,
      from: try InitialState(compilation, step: step, weights: nil).fresh())
    var losses: [Double] = []
    while losses.count < 60 { losses.append(try trainer.advance().loss) }
    #expect(losses[59] < 0.5 * losses[2], "\(losses)")
  }

  @Test func recordsAreDecoded() throws {
    let samples = try Self.samples(Self.records)
    #expect(samples.labels == (0..<12).map { $0 % 3 })
    #expect(Array(try samples[1]) == [10, 200, 10, 10].map { Float($0 / 255.0) })
  }

  @Test func damagedRecordsAreRefused() {
    for (bytes, id) in [
      (Array(Self.records.dropLast()), "data.truncated"),
      ([7] + Self.records.dropFirst(), "data.label-range"),
    ] {
      #expect {
        _ = try Self.samples(bytes)
      } throws: { error in
        (error as? Failure)?.diagnostics.map { "\($0.id)" } == [id]
      }
    }
  }
}
