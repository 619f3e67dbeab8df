import Dispatch
import Enclosure
import MatrixProducts
import Synchronization

/// Re-checks a certificate from the spec, the weights and the samples beside it.
///
/// Nothing in the certificate is trusted: its numbers are checked as guesses. The checker shares only
/// directed rounding with the certifier.
public struct Verification: Sendable {
  /// What was checked.
  public struct Report: Sendable, Hashable {
    /// The spec's name.
    public let name: String
    /// Layers whose bounds were derived.
    public let layers: Int
    /// Points of the certificate.
    public let points: Int
    /// Points that were re-evaluated.
    public let checked: Int
  }

  private let path: String
  private let sample: Int?
  private let threads: Int

  /// The certificate format's version.
  static let format = 1
  /// The spec language's version.
  private static let specVersion = 1

  /// A verification.
  ///
  /// - Parameters:
  ///   - path: the certificate.
  ///   - sample: how many points to re-evaluate, spread evenly; nil for all.
  ///   - threads: how many points at a time.
  public init(path: String, sample: Int? = nil, threads: Int) {
    (self.path, self.sample, self.threads) = (path, sample, max(1, threads))
  }

  /// Throws a ``Refusal`` unless everything holds.
  public func run() throws(Refusal) -> Report {
    let bytes = try Folder.read(path, following: true)
    let certificate = try EntryReader.read(bytes[...], file: path)
    try certificate.require(keys: [
      "format", "lmtc", "name", "spec", "weights", "test", "layers", "differences", "pairs",
      "points",
    ])
    guard try certificate("format").integer == Self.format else {
      throw try certificate("format").malformed("unsupported format, expected \(Self.format)")
    }
    _ = try certificate("lmtc").string
    let cut = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = Folder(path: cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
    let (specName, specBytes) = try folder.bytes(try certificate("spec"))
    let (weightsName, weightsBytes) = try folder.bytes(try certificate("weights"))
    let (testName, testBytes) = try folder.bytes(try certificate("test"))
    let spec = try EntryReader.read(specBytes[...], file: specName)
    try Self.check(spec)
    guard try certificate("name").string == spec("name").string else {
      throw try certificate("name").refuted("the spec's name is '\(try spec("name").string)'")
    }
    // Before anything is built, so that its size is bounded by that of the files.
    let samples = try samples(
      TensorFile(testBytes, file: testName), of: Network.inputShape(try spec("network")), testName)
    let network = try Network(
      try spec("network"), weights: TensorFile(weightsBytes, file: weightsName),
      sampleElements: samples.inputs.count)
    var bounds = BoundCheck(network, Workers(threads))
    try bounds.check(
      layers: try certificate("layers").elements, list: try certificate("layers"))
    try bounds.check(
      pairs: try certificate("pairs"), differences: try certificate("differences"))
    let points = try certificate("points")
    let check = try pointCheck(network, bounds, samples, try certificate("pairs"))
    let entries = try points.elements
    guard entries.count == check.labels.count else {
      throw points.refuted(
        "the test data have \(check.labels.count) points, found \(entries.count)")
    }
    let chosen = self.chosen(of: entries.count)
    try self.check(chosen, entries, check)
    return Report(
      name: try certificate("name").string, layers: network.nodes.count, points: entries.count,
      checked: chosen.count)
  }

  /// Refuses a spec of another language, whose network could mean something else.
  private static func check(_ spec: Entry) throws(Refusal) {
    guard try spec("lmt").integer == specVersion else {
      throw try spec("lmt").malformed("unsupported spec version, expected \(specVersion)")
    }
    try spec.require(keys: [
      "lmt", "name", "data", "network", "train", "certify", "require",
    ])
  }

  /// The samples, concatenated, and a class for each.
  private func samples(
    _ test: TensorFile, of shape: [Int], _ file: String
  ) throws(Refusal) -> (inputs: [Float], labels: [Float]) {
    guard let inputs = test.tensors["inputs"], let labels = test.tensors["labels"],
      labels.shape.count == 1, labels.shape[0] > 0, inputs.shape == labels.shape + shape
    else {
      throw Refusal(
        .malformed,
        "the samples must be 'inputs' of shape [N] + \(shape) and 'labels' of shape [N]",
        at: .init(file: file))
    }
    return (inputs.elements, labels.elements)
  }

  private func pointCheck(
    _ network: Network, _ bounds: BoundCheck, _ samples: (inputs: [Float], labels: [Float]),
    _ pairs: Entry
  ) throws(Refusal) -> PointCheck {
    var claims: [[Double]] = []
    for row in try pairs.elements {
      var numbers: [Double] = []
      for claim in try row.elements { numbers.append(try claim.bound.value) }
      claims.append(numbers)
    }
    return PointCheck(
      enclosure: LogitEnclosure(network, bounds), pairs: bounds.pairs, claims: claims,
      samples: samples.inputs, labels: samples.labels)
  }

  private func chosen(of count: Int) -> [Int] {
    guard let sample, sample < count else { return Array(0..<count) }
    return (0..<sample).map { $0 * count / sample }
  }

  /// Checks points in parallel and throws the refusal of the first that fails.
  private func check(
    _ chosen: [Int], _ entries: [Entry], _ check: PointCheck
  ) throws(Refusal) {
    let faults = Mutex<[Int: Refusal]>([:])
    DispatchQueue.concurrentPerform(iterations: threads) { [threads] thread in
      for place in stride(from: thread, to: chosen.count, by: threads) {
        do throws(Refusal) {
          try check.check(entries[chosen[place]], at: chosen[place])
        } catch {
          faults.withLock { $0[place] = error }
          return
        }
      }
    }
    if let first = faults.withLock({ $0.min { $0.key < $1.key }?.value }) { throw first }
  }
}
