import CPUBackend
import Enclosure
import Foundation
import Testing

@testable import Attacks
@testable import Certification
@testable import Commands
@testable import FileFormats
@testable import Reporting
@testable import TensorGraph

/// The attacks and the tightness chain of a run, and that they notice what does not hold.
@Suite struct RobustnessEvaluationTests {
  static let attacks =
    "certify.attacks=[{pgd: {steps: 10}}, pgd, deepfool, {carlini_wagner: {steps: 60}}]"
  static let training = ["train.epochs=20", "train.optimizer={adam: 0.02}", "data.noise=0.1"]

  /// A trained network's adversary, with certificates and bounds as they are or changed.
  private func adversary(
    _ overrides: [String], radii factor: Double = 1, bounds: (DifferenceBounds) -> DifferenceBounds
  ) throws -> (result: AttackResults, points: [PointCertificate]) {
    let place = try Workplace()
    let (loading, weights) = try place.train(set: Self.training + [Self.attacks] + overrides)
    let points = try loading.certify(weights).summary.points.map {
      $0.enlarged(by: factor)
    }
    let network = NetworkBounds(loading.compilation, weights: weights)
    let spec = loading.compilation.spec.certify
    let context = SearchContext(
      loading.compilation, weights: weights, samples: try loading.samples(.test),
      box: spec.box.box, engines: SearchEngines(CPUBackend(threads: 1)), observer: NoObserver())
    let evaluation = RobustnessEvaluation(
      spec, context, certificates: points, bounds: bounds(network.differences))
    return (try evaluation.result(), points)
  }

  @Test(arguments: [
    "network.layers=[dense: 3]", "network.layers=[dense: 8, relu, dense: 8, relu, dense: 3]",
    "network.layers=[dense: 8, tanh, dense: 3, softplus]",
    "network.layers=[dense: 8, max_min, {residual: [dense: 8, gelu]}, dense: 3]",
  ])
  func theChainHoldsForEveryPoint(network: String) throws {
    let (result, points) = try adversary([network]) { $0 }
    #expect(result.contradictions.isEmpty)
    let chain = try #require(result.chain)
    #expect(chain.points.count > points.count { $0.isCorrect } / 2)
    for point in chain.points {
      #expect(point.certified <= point.global)
      #expect(point.global <= point.local)
      #expect(point.certified <= point.attack)
    }
    for row in result.rows {
      let certified = points.count { $0.radius.value > row.value }
      #expect(certified <= row.count && row.count <= points.count { $0.isCorrect })
    }
  }

  /// A linear network's radii, constants and nearest adversarial examples are all known exactly.
  @Test func theChainOfALinearNetworkIsTight() throws {
    let (result, _) = try adversary(["network.layers=[dense: 3]"]) { $0 }
    let chain = try #require(result.chain)
    for point in chain.points {
      #expect(point.local <= point.certified * 1.0001)
      #expect(point.attack <= point.certified * 1.001)
    }
  }

  @Test func radiiThatAreTooLargeAreContradicted() throws {
    let (result, points) = try adversary(["network.layers=[dense: 3]"], radii: 2) { $0 }
    let found = Set(result.contradictions.compactMap(\.claim.index))
    #expect(found == Set(points.filter { $0.radius.value > 0 }.map(\.index)))
    for contradiction in result.contradictions {
      #expect(contradiction.found < contradiction.claimed)
    }
  }

  @Test func constantsThatAreTooSmallAreContradicted() throws {
    let halved: (DifferenceBounds) -> DifferenceBounds = {
      .uniform(UpperBound(proven: $0.bound(0, 1).value / 2))
    }
    let (result, _) = try adversary(["network.layers=[dense: 8, relu, dense: 3]"]) { $0 }
    #expect(result.contradictions.isEmpty)
    let (wrong, _) = try adversary(["network.layers=[dense: 3]"], bounds: halved)
    let slopes = wrong.contradictions.filter { $0.claim.isConstant }
    #expect(!slopes.isEmpty)
    for slope in slopes {
      #expect(slope.found > slope.claimed)
      #expect(slope.original != slope.point)
    }
  }

  @Test func witnessesReadBack() throws {
    let contradiction = Contradiction(
      claim: .radius(index: 7), source: "pgd", shape: [1, 2, 2], original: [0, 1, 2, 3],
      point: [0, 1, 2, 3.5], claimed: 0.6, found: 0.5)
    let steeper = { found in
      Contradiction(
        claim: .constant(layer: "dense_1"), source: "layers", shape: [2], original: [0, 1],
        point: [1, 1], claimed: 0.5, found: found)
    }
    let bytes = [contradiction, steeper(1), contradiction, steeper(2)]
      .witnesses(shape: [1, 2, 2])
    let arrays = try NPZ.decode(bytes, path: "witnesses.npz")
    #expect(arrays["index"] == HostTensor([2], [7, 7]))
    #expect(arrays["point"] == HostTensor([2, 1, 2, 2], [0, 1, 2, 3.5, 0, 1, 2, 3.5]))
    #expect(arrays["claimed"] == HostTensor([2], [0.6, 0.6]))
    #expect(arrays["is_radius"] == HostTensor([2], [1, 1]))
    #expect(arrays["constant dense_1/points"] == HostTensor([2, 2], [0, 1, 1, 1]))
    #expect(arrays["constant dense_1/found"] == HostTensor([1], [2]))
  }

  @Test func aRunReportsItsAttacks() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "run", "spec.yaml", "--json", "--set", Self.attacks, "--out", "run")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let row: [String: JSONShape] = [
      "name": .text, "radius": .text, "value": .number, "accuracy": .number,
    ]
    #expect(JSONShape.list(.object(row)).mismatch(report["attacks"] as Any) == nil)
    let names = (report["attacks"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(
      names == ["pgd", "pgd_2", "deepfool", "carlini_wagner"].flatMap { [$0, $0] })
    let keys = [
      "points", "a_certified", "b_global", "c_local", "d_attack", "ab", "bc", "cd", "ad",
    ]
    let tightness = try #require(report["tightness"] as? [String: Double])
    #expect(Set(tightness.keys) == Set(keys))
    #expect(!place.contains("run/witnesses.npz"))
    #expect(try place.text("run/spec.resolved.yaml").contains("box: none"))
  }

  @Test func theBoxMustHoldTheData() throws {
    let place = try Workplace()
    let outcome = try place.lmtc(
      "run", "spec.yaml", "--set", "certify.attacks=[fgsm]", "--set", "certify.box=[0, 0.1]")
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains("data.box"))
  }
}

extension PointCertificate {
  /// The same with a larger radius.
  fileprivate func enlarged(by factor: Double) -> PointCertificate {
    PointCertificate(
      index: index, label: label, predicted: predicted,
      radius: LowerBound(proven: radius.value * factor), rival: nil)
  }
}
