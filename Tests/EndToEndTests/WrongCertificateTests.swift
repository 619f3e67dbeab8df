import Foundation
import Testing

@testable import TensorGraph
@testable import Verifier

/// Certificates by rules that are wrong on purpose: the checker must notice each.
@Suite struct WrongCertificateTests {
  /// Every constant, norm and bound of every kind of layer and of every pair of logits, smaller by a ten
  /// millionth; constants by multipliers, whose matrix is nearly singular, by a ten thousandth.
  @Test(arguments: VerificationTests.networks.indices)
  func noNumberMayBeSmaller(_ index: Int) throws {
    try refuseSmallerNumbers(VerificationTests.networks[index])
  }

  @Test(arguments: VerificationTests.kinds)
  func noNumberOfAnExampleMayBeSmaller(_ kind: String) throws {
    try refuseSmallerNumbers(VerificationTests.examples(of: kind))
  }

  private func refuseSmallerNumbers(_ spec: String) throws {
    let run = try CertifiedRun(spec)
    let layers = ("\"layers\": ", "\"differences\": ")
    let differences = ("\"differences\": ", "\n  \"pairs\": ")
    let pairs = ("\n  \"pairs\": ", "\"points\": ")
    try refuse(run, "\"constant\": ", layers, 1e-7)
    try refuse(run, "\"bound\": ", layers, 1e-7)
    try refuse(run, "(?:\"map\"|\"chain\")[^}]*\"norm\": ", layers, 1e-7, mayBeAbsent: true)
    try refuse(run, "\"region\": [^}]*\"norm\": ", layers, 1e-4, mayBeAbsent: true)
    try refuse(run, "\"outputs\": [^}]*\"norm\": ", differences, 1e-4, mayBeAbsent: true)
    try refuse(run, "", pairs, 1e-7)
    #expect(try run.refusal(sample: 1) == nil)
  }

  private func refuse(
    _ run: CertifiedRun, _ pattern: String, _ marks: (String, String), _ share: Double,
    mayBeAbsent: Bool = false
  ) throws {
    let refusals = try run.refusals(changing: pattern, between: marks) { $0 * (1 - share) }
    #expect(!refusals.isEmpty || mayBeAbsent)
    for (line, refusal) in refusals {
      #expect(refusal?.kind == .refuted && refusal?.place.line == line, "\(pattern)line \(line)")
    }
  }

  /// Half of what rounding may do, for every point that has a radius.
  @Test func noErrorMayBeHalved() throws { try refuseErrors(of: CertifiedRun(), times: 0.5) }

  /// The checker's errors are those of the certificate but for its room of 7/256: of sums whose growth is bounded
  /// together, of those that a rectifier carries on, and of steps along gradients.
  @Test(arguments: [
    "conv2d: {filters: 6, kernel: 3}, max_min, conv2d: {filters: 6, kernel: 2}, relu, flatten, dense: 3",
    "flatten, cpl: 16, dense: 8, max_min, dense: 3",
    "flatten, sll: 16, dense: 8, max_min, dense: 3",
  ])
  func noErrorMayBeSmallerByATwentieth(_ layers: String) throws {
    let run = try CertifiedRun(VerificationTests.network(layers))
    #expect(try run.refusal() == nil)
    try refuseErrors(of: run, times: 0.95)
  }

  private func refuseErrors(of run: CertifiedRun, times factor: Double) throws {
    let text = try run.text
    var count = 0
    for point in text.matches(of: /"error": ([0-9.e-]+),\s*"radius": ([0-9.e-]+)/)
    where Double(point.output.2) ?? 0 > 0 {
      let error = try #require(Double(point.output.1))
      var changed = text
      changed.replaceSubrange(
        point.output.1.startIndex..<point.output.1.endIndex, with: "\(error * factor)")
      try run.write(changed)
      #expect(try run.refusal()?.place.path?.hasSuffix(".error") == true)
      count += 1
    }
    #expect(count > 5)
  }

  /// A network whose logits are its last biases, whatever the input.
  private func constant(_ logits: [Float]) throws -> CertifiedRun {
    try CertifiedRun { trained in
      var weights = trained
      weights["dense_2.weight"] = HostTensor([3, 8], Array(repeating: 0, count: 24))
      weights["dense_2.bias"] = HostTensor([3], logits)
      return weights
    }
  }

  /// Equal logits, zeros of either sign, and what is no number certify nothing, and a certificate that
  /// says otherwise is refused whichever class it names.
  @Test(arguments: [[0, -0.0, -1], [-0.0, 0, -0.0], [2, 2, 2], [.nan, 1, 0], [1, .nan, .nan]])
  func tiesAreNotCertified(_ logits: [Float]) throws {
    let run = try constant(logits)
    let text = try run.text
    let radii = text.matches(of: /"radius": ([0-9.e-]+)/).compactMap { Double($0.output.1) }
    #expect(radii.count == 30 && radii.allSatisfy { $0 == 0 })
    let points = try #require(text.range(of: "\"points\": ["))
    let entry = /\{\s*"index": 0,\s*"label": ([0-2])[^}]*\}/
    let first = try #require(text[points.upperBound...].firstMatch(of: entry))
    let label = try #require(Int(first.output.1))
    for rival in 0..<3 where rival != label {
      for (margin, error, radius) in [("1e-300", "0", "1e-300"), ("1", "0.5", "0.25")] {
        var forged = text
        forged.replaceSubrange(
          first.range,
          with: """
            {"index": 0, "label": \(label), "predicted": \(label), "rival": \(rival), \
            "margin": \(margin), "error": \(error), "radius": \(radius)}
            """)
        try run.write(forged)
        let refusal = try run.refusal()
        #expect(refusal != nil, "class \(label) before \(rival) by \(margin)")
      }
    }
  }

  /// The forgeries above are refused for their ties: the same numbers pass where one class is ahead.
  @Test func aClassThatIsAheadIsCertified() throws {
    let run = try constant([-4, -4, 4])
    #expect(try run.refusal() == nil)
    let text = try run.text
    let ahead = text.matches(of: /"label": 2,[^}]*"radius": ([0-9.e+-]+)/)
    #expect(!ahead.isEmpty && ahead.allSatisfy { (Double($0.output.1) ?? 0) > 0 })
  }
}
