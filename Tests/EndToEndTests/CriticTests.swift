import Foundation
import Testing

@testable import Certification
@testable import Diagnostics
@testable import Execution
@testable import FileFormats
@testable import Verifier

/// Critics: what is stated of the distance between two classes is at most the distance, and is checked.
@Suite struct CriticTests {
  private static func spec(_ data: String, layers: String, epochs: Int = 10) -> String {
    """
    lmt: 1
    name: critic
    data: \(data)
    network: {input: [2], layers: [\(layers)]}
    train: {task: critic, epochs: \(epochs), batch: 32, optimizer: {adam: {learning_rate: 1e-2}}}
    certify: {radii: [0.1]}
    require: [wasserstein >= 0.1]

    """
  }

  private static func synthetic(_ distribution: String, samples: Int = 80) -> String {
    "{format: synthetic, distribution: \(distribution), samples: 200, test_samples: \(samples), "
      + "noise: 0.1, classes: 2}"
  }

  private static let moons = spec(
    synthetic("two_moons"), layers: "dense: 16, max_min, dense: 16, max_min, dense: 2")

  private static let specs = [
    moons,
    spec(synthetic("gaussian_blobs"), layers: "dense: 8, relu, dense: 2"),
    spec(
      synthetic("rings"),
      layers:
        "dense: {units: 16, parametrization: orthogonal}, max_min, dense: {units: 2, "
        + "parametrization: unit_rows}"),
    // Before training the means may lie the wrong way round.
    spec(synthetic("two_moons"), layers: "dense: 8, tanh, dense: 2", epochs: 1),
  ]

  /// The stated bound.
  private func bound(_ run: CertifiedRun) throws -> Double {
    let text = try run.place.text("run/result.json")
    let result = try JSONParser.parse(Array(text.utf8)[...]).value
    return try #require(result["wasserstein"]?["lower"]?.number)
  }

  /// The distance itself: the least mean cost of a matching of two samples of equal size.
  private func exactDistance(_ run: CertifiedRun) throws -> Double {
    let file = try TensorFile(try run.place.bytes("run/test.safetensors"), file: "")
    let inputs = try #require(file.tensors["inputs"]).elements
    let labels = try #require(file.tensors["labels"]).elements
    let points = labels.indices.map { [Double(inputs[2 * $0]), Double(inputs[2 * $0 + 1])] }
    let classes = [0, 1].map { label in labels.indices.filter { Int(labels[$0]) == label } }
    return leastMatching(
      classes[0].map { i in
        classes[1].map { j in
          hypot(points[i][0] - points[j][0], points[i][1] - points[j][1])
        }
      }) / Double(classes[0].count)
  }

  @Test(arguments: specs) func theBoundIsAtMostTheDistance(_ spec: String) throws {
    let run = try CertifiedRun(spec)
    #expect(try bound(run) <= exactDistance(run))
    #expect(try run.refusal() == nil)
  }

  @Test func float64CertificatesHaveIt() throws {
    let run = try CertifiedRun(
      Self.moons.replacing("radii: [0.1]", with: "radii: [0.1], precision: float64"))
    #expect(try bound(run) > 0.5)
    #expect(try run.refusal() == nil)
  }

  /// One class is the other moved by (3, 4), and the critic is linear along that direction.
  private func translation() throws -> CertifiedRun {
    let points = [(0, 0), (1, 0.5), (-0.25, 2), (0.5, -1)]
    let rows = points.flatMap { ["\($0.0),\($0.1),0", "\($0.0 + 3),\($0.1 + 4),1"] }
    return try CertifiedRun(
      Self.spec("{format: csv, train: t.csv, test: t.csv, classes: 2}", layers: "dense: 2"),
      files: ["t.csv": rows.joined(separator: "\n") + "\n"]
    ) { trained in
      var weights = trained
      weights["dense_1.weight"].elements = [-3, -4, 3, 4]
      return weights
    }
  }

  @Test func theBoundOfATranslationIsItsLength() throws {
    let bound = try bound(translation())
    #expect(bound <= 5)
    #expect(bound > 5 * (1 - 1e-5))
  }

  /// The last digit of the bound, and of a point's difference what exceeds its rounding error.
  @Test func largerNumbersAreRefused() throws {
    for run in [try translation(), try CertifiedRun(Self.moons)] {
      for (key, change) in [("lower", 0x1p-52), ("lower", 0.1), ("difference", 1e-3)] {
        let refusal = try run.refusal(changing: key) { $0 * (1 + change) }
        #expect(refusal?.kind == .refuted)
        #expect(refusal?.place.path?.hasSuffix(key) == true, "\(key) \(change)")
      }
    }
  }

  /// A forger who adapts every number that is computed from others.
  @Test func forgedDifferencesAndConstantsAreRefused() throws {
    let run = try translation()
    let text = try run.text
    let pair = try #require(text.firstMatch(of: /"pairs": \[\s*\[\],\s*\[([0-9.e-]+)\]/))
    let constant = try #require(Double(pair.output.1))
    for (factor, shift) in [(0.5, 0), (1, 1e-3)] as [(Double, Double)] {
      var forged = text
      forged.replaceSubrange(
        pair.output.1.startIndex..<pair.output.1.endIndex, with: "\(constant * factor)")
      var points: [PointCertificate] = []
      for found in text.matches(of: /"label": ([01])[^}]*"difference": ([0-9.e-]+)/) {
        let difference = try #require(Double(found.output.2)) + shift
        forged.replace(
          "\"difference\": \(found.output.2)", with: "\"difference\": \(difference)")
        points.append(
          PointCertificate(
            index: 0, label: try #require(Int(found.output.1)), predicted: 0, radius: .zero,
            rival: nil, difference: difference))
      }
      let bound = try #require(WassersteinBound(points, constant: constant * factor))
      forged.replace(/"lower": [0-9.e-]+/, with: "\"lower\": \(bound.lower.value)")
      try run.write(forged)
      #expect(try run.refusal()?.kind == .refuted)
    }
  }

  @Test func resultsAndCountsAreCompared() throws {
    let run = try CertifiedRun(Self.moons)
    let text = try run.text
    try run.write(text.replacing("\"samples\": [40, 40]", with: "\"samples\": [39, 41]"))
    #expect(try run.refusal()?.place.path?.hasSuffix("wasserstein.samples") == true)
    try run.write(text)
    let result = try run.place.text("run/result.json")
    let lower = try #require(result.firstMatch(of: /"wasserstein": \{\s*"lower": ([0-9.e-]+)/))
    for forged in [
      result.replacing("\"lower\": \(lower.output.1)", with: "\"lower\": 2.0"),
      result.replacing(/"wasserstein": \{[^}]*\},/, with: ""),
    ] {
      try run.write(Array(forged.utf8), "result.json")
      #expect(try run.refusal() != nil)
    }
  }

  @Test func shardsGiveTheBoundOfTheWhole() throws {
    let place = try Workplace(Self.moons)
    _ = try place.train(into: "run")
    #expect(try place.certify(["--out", "whole"]).code == 0)
    for part in 1...2 {
      #expect(try place.certify(["--shard", "\(part)/2", "--out", "part-\(part)"]).code == 0)
    }
    #expect(try place.lmtc("merge", "part-1", "part-2", "--out", "merged").code == 0)
    #expect(try place.text("merged/certificate.json") == place.text("whole/certificate.json"))
    let verified = try place.lmtc("verify", "merged")
    #expect(verified.code == 0 && verified.output.contains("Wasserstein-1 distance"))
  }

  @Test(arguments: [
    ("dense: 3", "2 logits", "data.classes=3"),
    ("dense: 2", "is about a critic", "train.task=classifier"),
  ]) func faultsAreFoundBeforeTraining(_ layers: String, _ part: String, _ set: String) throws {
    let place = try Workplace(Self.spec(Self.synthetic("rings"), layers: layers))
    let outcome = try place.lmtc("compile", "spec.yaml", "--set", set)
    #expect(outcome.code == 1 && outcome.errors.contains(part), "\(outcome.errors)")
  }
}

/// The least sum of costs of a matching of rows and columns of a square matrix.
///
/// - Reference: Kuhn 1955, in the form with shortest augmenting paths; O(n³).
private func leastMatching(_ costs: [[Double]]) -> Double {
  let n = costs.count
  var (rowPrices, columnPrices) = (
    [Double](repeating: 0, count: n + 1), [Double](repeating: 0, count: n + 1)
  )
  var match = [Int](repeating: 0, count: n + 1)
  for row in 1...n {
    match[0] = row
    var (column, reached) = (0, [Bool](repeating: false, count: n + 1))
    var (least, way) = (
      [Double](repeating: .infinity, count: n + 1), [Int](repeating: 0, count: n + 1)
    )
    repeat {
      reached[column] = true
      let from = match[column]
      var (step, next) = (Double.infinity, 0)
      for j in 1...n where !reached[j] {
        let reduced = costs[from - 1][j - 1] - rowPrices[from] - columnPrices[j]
        if reduced < least[j] { (least[j], way[j]) = (reduced, column) }
        if least[j] < step { (step, next) = (least[j], j) }
      }
      for j in 0...n {
        if reached[j] {
          rowPrices[match[j]] += step
          columnPrices[j] -= step
        } else {
          least[j] -= step
        }
      }
      column = next
    } while match[column] != 0
    while column != 0 {
      match[column] = match[way[column]]
      column = way[column]
    }
  }
  return (1...n).reduce(0) { $0 + costs[match[$1] - 1][$1 - 1] }
}
