import Execution
import ModelIR
import TensorGraph
import Testing

@testable import Attacks

/// Attacks within a radius against a linear network, where the smallest radius that has an adversarial
/// example is known.
struct BallAttackTests {
  /// Room for float32 logits near a tie.
  static let rounding = 1e-5

  static let cases: [(kind: String, keys: String, classes: Int, factor: Double)] = [
    ("fgsm", "", 2, 1.001), ("pgd", "", 2, 1.001), ("pgd", "{loss: cross_entropy}", 2, 1.001),
    ("pgd", "{steps: 20, restarts: 2}", 2, 1.001),
    // Of several classes the runner-up is not always the nearest.
    ("pgd", "", 4, 1.5),
  ]

  @Test(arguments: cases)
  func findsWhatThereIsAndNothingElse(
    attack: (kind: String, keys: String, classes: Int, factor: Double)
  ) throws {
    let linear = try LinearTarget(classes: attack.classes)
    let search = AttacksTests.attack(attack.kind, attack.keys)
    let found = try linear.target.attack(search, radii: linear.nearest.map { $0 * attack.factor })
    for (index, distance) in try linear.target.distances(found).enumerated() {
      let distance = try #require(distance, "point \(index)")
      #expect(distance >= linear.nearest[index] * (1 - Self.rounding))
      #expect(distance <= linear.nearest[index] * attack.factor)
    }
    let below = try linear.target.attack(search, radii: linear.nearest.map { $0 * 0.999 })
    #expect(below.allSatisfy { $0 == nil })
  }

  @Test(arguments: ["pgd", "fgsm"])
  func staysInTheBox(kind: String) throws {
    let linear = try LinearTarget()
    let box = AttackBox(low: -0.5, high: 0.5)
    let found = try linear.target.attack(
      attack(kind), box: box, radii: linear.nearest.map { $0 * 4 })
    #expect(found.contains { $0 != nil })
    for point in found.compactMap({ $0 }) {
      #expect(point.allSatisfy { (-0.5...0.5).contains($0) })
    }
  }

  /// x − y decides, and y cannot fall below 0: x alone has to go down, by 0.3 instead of 0.3/√2.
  @Test func goesAlongTheFaceOfTheBox() throws {
    let target = try Target(
      layers: "[dense: 2]",
      weights: ["dense_1.weight": [1, 1, 0, 0], "dense_1.bias": [-0.2, 0]],
      points: [[0.5, 0]], labels: [0], classes: 2)
    let box = AttackBox(low: 0, high: 1)
    let keys = "{steps: 200, step_size: 0.05}"
    let found = try target.attack(attack("pgd", keys), box: box, radii: [0.303])
    let distance = try #require(try target.distances(found)[0])
    #expect(distance >= 0.3 * (1 - Self.rounding) && distance <= 0.303)
    #expect(try target.attack(attack("pgd", keys), box: box, radii: [0.2999])[0] == nil)
    #expect(try target.attack(attack("pgd", keys), radii: [0.25])[0] != nil)
  }

  /// The gradient is 0 at the sample, so that only a random restart moves.
  @Test func restartsLeaveAPlateau() throws {
    let target = try Target(
      layers: "[dense: 2, relu, dense: 2]",
      weights: [
        "dense_1.weight": [1, 0, -1, 0], "dense_1.bias": [-0.5, -0.5],
        "dense_2.weight": [0, 0, 1, 1], "dense_2.bias": [0.25, 0],
      ],
      points: [[0, 0]], labels: [0], classes: 2)
    #expect(try target.attack(attack("pgd", "{steps: 20}"), radii: [1])[0] == nil)
    let found = try target.attack(attack("pgd", "{steps: 20, restarts: 8}"), radii: [1])
    let distance = try #require(try target.distances(found)[0])
    #expect(distance >= 0.75 * (1 - Self.rounding) && distance <= 1)
  }

  @Test func aSampleDoesNotDependOnItsBatch() throws {
    let linear = try LinearTarget()
    let radii = linear.nearest.map { $0 * 1.1 }
    let alone = try linear.target.attack(attack("pgd"), radii: radii)
    let padded = try linear.target.attack(attack("pgd"), radii: radii, batch: 16)
    #expect(alone.map { $0 != nil } == padded.map { $0 != nil })
    #expect(try linear.target.attack(attack("pgd"), radii: radii) == alone)
  }

  @Test func perturbsATrainingStepsBatchByItsOwnWeights() throws {
    let linear = try LinearTarget()
    let images = HostTensor(
      [12, LinearTarget.features], try (0..<12).flatMap { try linear.target.samples[$0] })
    let builder = GraphBuilder("step")
    _ = builder.input("images", images.shape)
    _ = builder.input("labels", [12, linear.classes])
    for (name, tensor) in linear.target.weights.tensors {
      builder.output(name, builder.input(name, tensor.shape, isPersistent: true))
    }
    let step = ReferenceBackend().compile(builder.graph)
    step.write("images", images)
    step.withInput("labels") { linear.target.samples.copyLabels(0..<12, to: $0) }
    for (name, tensor) in linear.target.weights.tensors { step.write(name, tensor) }
    let attacker = try BatchAttack(
      attack("pgd", "{steps: 30}"), model: linear.target.model, box: nil, batch: 12, seed: 1,
      backend: ReferenceBackend(), training: step)
    try attacker.perturb(radius: 0.25, counter: 3)
    let moved = step.current("images").elements
    for index in 0..<12 {
      let part = index * LinearTarget.features..<(index + 1) * LinearTarget.features
      let length = distance(Array(images.elements[part]), Array(moved[part]))
      #expect(length <= 0.25 && length >= 0.249)
    }
  }
}
