import CPUBackend
import Catalog
import Compiler
import Diagnostics
import Execution
import ModelIR
import SpecSyntax

@testable import Attacks
@testable import Files
@testable import TensorGraph

/// A network with given weights and points, to be attacked.
struct Target {
  let model: Model
  let weights: Weights
  let samples: SampleSet

  /// A network of these layers, a flow list, on vectors.
  ///
  /// - Parameter weights: by full name, row-major.
  init(
    layers: String, weights: [String: [Float]], points: [[Float]], labels: [Int], classes: Int
  ) throws {
    let features = points[0].count
    var diagnostics: [Diagnostic] = []
    let file = SourceFile(
      path: "spec.yaml",
      text: "lmt: 1\nname: target\nnetwork: {input: [\(features)], layers: \(layers)}\n")
    guard let compilation = Pipeline.compile(file, &diagnostics) else { throw Failure(diagnostics) }
    model = compilation.model
    self.weights = Weights(
      Dictionary(
        uniqueKeysWithValues: model.parameters.map { name, declaration in
          (name, HostTensor(declaration.shape, weights[name]!))
        }))
    samples = try SampleSet(
      LabeledData(shape: [features], values: points.flatMap { $0 }, labels: labels), scale: 1,
      classes: classes)
  }

  /// What an attack finds for each sample; nil where it finds nothing.
  func attack(
    _ attack: any Attack, box: AttackBox? = nil, radii: [Double], batch: Int? = nil,
    seed: UInt64 = 1
  ) throws -> [[Float]?] {
    let attacker = try BatchAttack(
      attack, model: model, box: box, batch: batch ?? samples.count, seed: seed,
      backend: CPUBackend(threads: 1))
    attacker.load(weights)
    var found = [[Float]?](repeating: nil, count: samples.count)
    try attacker.search(samples, Array(0..<samples.count), radii: radii) { slot, point in
      found[slot] = Array(point)
    }
    return found
  }

  /// How far each is from its sample.
  func distances(_ found: [[Float]?]) throws -> [Double?] {
    try found.enumerated().map { index, point in
      let original = try samples[index]
      return point.map { distance(Array(original), $0) }
    }
  }
}

/// ‖a − b‖ in Double.
func distance(_ a: [Float], _ b: [Float]) -> Double {
  zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    .squareRoot()
}

/// An attack of the catalog from its keys.
func attack(_ kind: String, _ keys: String = "") -> any Attack {
  var diagnostics: [Diagnostic] = []
  let attack = Catalog.attacks.first { $0.kind == kind }!.read(keys, &diagnostics)
  precondition(diagnostics.isEmpty, "\(kind) \(keys)")
  return attack!
}
