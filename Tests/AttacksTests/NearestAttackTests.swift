import ModelIR
import Testing

/// Attacks that look for the smallest perturbation, against networks where it is known.
struct NearestAttackTests {
  static let rounding = BallAttackTests.rounding
  static let far = Double(Float.greatestFiniteMagnitude)

  static let attacks: [(kind: String, keys: String, factor: Double)] = [
    ("deepfool", "", 1.021), ("deepfool", "{overshoot: 0.2}", 1.21),
    ("carlini_wagner", "{steps: 200, rounds: 8}", 1.03),
  ]

  private func check(
    _ found: [Double?], nearest: [Double], factor: Double
  ) throws {
    for (index, distance) in found.enumerated() {
      let distance = try #require(distance, "point \(index)")
      #expect(distance >= nearest[index] * (1 - Self.rounding), "point \(index)")
      #expect(distance <= nearest[index] * factor, "point \(index)")
    }
  }

  @Test(arguments: attacks)
  func findsTheNearestOfALinearNetwork(
    attack: (kind: String, keys: String, factor: Double)
  ) throws {
    let linear = try LinearTarget()
    let found = try linear.target.attack(
      AttacksTests.attack(attack.kind, attack.keys),
      radii: linear.nearest.map { _ in Self.far })
    try check(
      try linear.target.distances(found), nearest: linear.nearest, factor: attack.factor)
  }

  /// F_0 − F_1 = 0.5 − |x|: the two kinks' sides are equally near from 0, 0.2 from 0.3.
  @Test(arguments: attacks)
  func findsTheNearestOfAPiecewiseLinearNetwork(
    attack: (kind: String, keys: String, factor: Double)
  ) throws {
    let target = try Target(
      layers: "[dense: 2, relu, dense: 2]",
      weights: [
        "dense_1.weight": [1, 0, -1, 0], "dense_1.bias": [0, 0],
        "dense_2.weight": [0, 0, 1, 1], "dense_2.bias": [0.5, 0],
      ],
      points: [[0.3, 0.1], [-0.1, 2], [0.01, 0]], labels: [0, 0, 0], classes: 2)
    let found = try target.attack(
      AttacksTests.attack(attack.kind, attack.keys), radii: [Self.far, Self.far, Self.far])
    try check(try target.distances(found), nearest: [0.2, 0.4, 0.49], factor: attack.factor)
  }

  /// x + y decides, and y cannot fall below 0: x alone has to go down.
  @Test(arguments: attacks)
  func findsTheNearestInTheBox(attack: (kind: String, keys: String, factor: Double)) throws {
    let target = try Target(
      layers: "[dense: 2]",
      weights: ["dense_1.weight": [1, 1, 0, 0], "dense_1.bias": [-0.2, 0]],
      points: [[0.5, 0], [0.4, 0.4]], labels: [0, 0], classes: 2)
    let found = try target.attack(
      AttacksTests.attack(attack.kind, attack.keys), box: AttackBox(low: 0, high: 1),
      radii: [Self.far, Self.far])
    for point in found { #expect(point?.allSatisfy { (0...1).contains($0) } == true) }
    try check(
      try target.distances(found), nearest: [0.3, 0.6 / 2.0.squareRoot()], factor: attack.factor)
  }

  @Test func aSampleThatIsWrongIsItsOwnExample() throws {
    let target = try Target(
      layers: "[dense: 2]", weights: ["dense_1.weight": [1, 0], "dense_1.bias": [0, 0]],
      points: [[-1], [0]], labels: [0, 0], classes: 2)
    for kind in ["deepfool", "carlini_wagner", "fgsm", "pgd"] {
      let found = try target.attack(attack(kind), radii: [1, 1])
      #expect(try target.distances(found) == [0, 0], "\(kind)")
    }
  }
}
