import Testing

@testable import Certification
@testable import Commands

/// Certified radii hold against attacks, and the attacks would notice if they did not.
@Suite struct AttackTests {
  static let networks = [
    ["network.layers=[dense: 8, relu, dense: 8, relu, dense: 3]"],
    ["network.layers=[dense: 8, max_min, dense: 8, abs, dense: 3]"],
    [
      "network.layers=[dense: 6, {residual: {branch: [dense: 6, relu, dense: 6]}}, tanh, dense: 3]"
    ],
    [
      "network.layers=[{parallel: {branches: [[dense: 5, relu], [dense: 4]], merge: concat}}, dense: 3]"
    ],
    [
      "network.input=[1, 4, 4]",
      "network.layers=[{conv2d: {filters: 4, kernel: 3, padding: same}}, relu, max_pool: 2, flatten, dense: 3]",
    ],
    [
      "network.input=[1, 4, 4]",
      "network.layers=[{conv2d: {filters: 4, kernel: 3, stride: 2, padding: 1}}, gelu, {avg_pool: {kernel: 2, stride: 1}}, flatten, dense: 3, softplus]",
    ],
    [
      "network.layers=[{normalize: {mean: 0.1, std: 0.5}}, dense: 8, leaky_relu, dropout: 0.2, dense: 3]"
    ],
  ]

  @Test(arguments: networks)
  func noAttackContradictsACertificate(network: [String]) throws {
    let (attack, points) = try certified(network + ["train.epochs=20"])
    let radii = points.map(\.radius.value)
    #expect(radii.count { $0 > 0 } > points.count / 3)
    #expect(attack.contradicted(radii: radii).isEmpty)
  }

  @Test func radiiOfALinearNetworkAreTight() throws {
    let (attack, points) = try certified(["network.layers=[dense: 3]", "train.epochs=20"])
    let radii = points.map(\.radius.value)
    #expect(attack.contradicted(radii: radii).isEmpty)
    let certified = Set(points.indices.filter { radii[$0] > 0 })
    #expect(!certified.isEmpty)
    #expect(attack.contradicted(radii: radii.map { $0 * 1.001 }) == certified)
  }

  @Test func radiiThreeTimesTooLargeAreContradicted() throws {
    let (attack, points) = try certified(
      ["network.layers=[dense: 8, leaky_relu: 0.9, dense: 3]", "train.epochs=20"])
    let radii = points.map(\.radius.value)
    let certified = points.indices.filter { radii[$0] > 0 }
    let broken = attack.contradicted(radii: radii.map { 3 * $0 })
    #expect(broken.count > certified.count / 2)
  }

  private func certified(
    _ overrides: [String]
  ) throws -> (attack: LogitAttack, points: [PointCertificate]) {
    let place = try Workplace()
    let faster = ["train.optimizer={adam: 0.02}", "data.noise=0.1"]
    let (loading, weights) = try place.train(set: faster + overrides)
    let attack = try LogitAttack(
      model: loading.compilation.model, weights: weights, samples: try loading.samples(.test))
    return (attack, try loading.certify(weights).summary.points)
  }
}
