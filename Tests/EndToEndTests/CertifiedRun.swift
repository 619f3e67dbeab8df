import CPUBackend
import Digest
import Execution
import Foundation
import Testing

@testable import Commands
@testable import Files
@testable import Verifier

/// A run folder with a certificate, made inside this process, to be damaged.
struct CertifiedRun {
  /// The folder of the spec.
  let place: Workplace
  /// The spec.
  let loading: SpecLoading
  /// What was certified, and how.
  let outcome: TestEvaluation.Outcome
  private static let certificate = "run/certificate.json"

  /// Trains a spec and certifies what training gave, or other weights made of it; `files` are written
  /// beside the spec first.
  init(
    _ spec: String = Workplace.tiny, files: [String: String] = [:],
    weights change: (Weights) -> Weights = { $0 }
  ) throws {
    place = try Workplace(spec)
    for (name, text) in files { try place.write(text, to: name) }
    let (loading, trained) = try place.train()
    self.loading = loading
    let weights = change(trained)
    let certification = try TestEvaluation(loading: loading, backend: CPUBackend(threads: 1))
    let folder = try RunFolder(existing: place.folder.appendingPathComponent("run").path)
    try folder.write(weights: weights)
    outcome = try certification.outcome(weights: weights, training: nil)
    try certification.write(outcome, to: folder)
  }

  /// The certificate's text.
  var text: String { get throws { try place.text(Self.certificate) } }

  /// Replaces the certificate.
  func write(_ text: String) throws { try place.write(text, to: Self.certificate) }

  /// What the checker says; nil where it is satisfied.
  func refusal(sample: Int? = nil) throws -> Refusal? {
    let path = place.folder.appendingPathComponent(Self.certificate).path
    do {
      _ = try Verification(
        path: path, sample: sample.map { PointSample(count: $0, seed: 1) }, threads: 1
      ).run()
      return nil
    } catch {
      return error
    }
  }

  /// Changes the first number above 0 under a key after a place in the text, and checks again.
  func refusal(
    changing key: String, after mark: String = "", by change: (Double) -> Double
  ) throws -> Refusal? {
    let text = try text
    let start = mark.isEmpty ? text.startIndex : try #require(text.range(of: mark)).upperBound
    let pattern = try Regex("\"\(key)\": ([0-9][-+.e0-9]*)", as: (Substring, Substring).self)
    let found = try #require(
      text[start...].matches(of: pattern).first { (Double($0.output.1) ?? 0) > 0 })
    let number = try #require(Double(found.output.1))
    var changed = text
    changed.replaceSubrange(
      found.output.1.startIndex..<found.output.1.endIndex, with: "\(change(number))")
    try write(changed)
    defer { try? write(text) }
    return try refusal()
  }

  /// What the checker says when each number above 0 that a pattern finds between two marks is changed by
  /// itself, with the line on which it stands.
  func refusals(
    changing pattern: String, between marks: (String, String), by change: (Double) -> Double
  ) throws -> [(line: Int, refusal: Refusal?)] {
    let text = try text
    defer { try? write(text) }
    let start = try #require(text.range(of: marks.0)).upperBound
    let end = try #require(text.range(of: marks.1)).lowerBound
    let number = try Regex(pattern + "([0-9][-+.e0-9]*)", as: (Substring, Substring).self)
    return try text[start..<end].matches(of: number).compactMap { found in
      guard let number = Double(found.output.1), number > 0 else { return nil }
      var changed = text
      let range = found.output.1.startIndex..<found.output.1.endIndex
      changed.replaceSubrange(range, with: "\(change(number))")
      try write(changed)
      return (text[..<range.lowerBound].count { $0 == "\n" } + 1, try refusal(sample: 1))
    }
  }

  /// Changes a byte of a file.
  func damage(_ file: String, at offset: (Int) -> Int) throws {
    var bytes = try place.bytes("run/" + file)
    bytes[offset(bytes.count)] ^= 0x10
    try write(bytes, file)
  }

  /// Replaces a file.
  func write(_ bytes: [UInt8], _ file: String) throws {
    try Data(bytes).write(to: place.folder.appendingPathComponent("run/" + file))
  }

  /// Brings a digest up to date, as a forger would.
  func seal(_ key: String, _ file: String) throws {
    let digest = SHA256.hexadecimalDigest(of: try place.bytes("run/" + file))
    let pattern = try Regex(
      "(\"\(key)\": \\{\\s*\"file\": \"[^\"]*\",\\s*\"sha256\": \")[0-9a-f]*",
      as: (Substring, Substring).self)
    try write(try text.replacing(pattern) { "\($0.output.1)\(digest)" })
  }
}
