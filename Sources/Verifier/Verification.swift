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
    /// Products of matrices that plain sums confirmed: of the linear layers at one point, and of one norm.
    public let confirmed: Int
    /// What the certificate says of the data, which needs the raw files to be checked.
    public let data: DataClaim
    /// Which part of the test data the points are; nil for all of them.
    public let shard: ShardClaim?
    /// The format of the execution that the certificate is about: `float32` or `float64`.
    public let precision: String
    /// The bound of a critic on the Wasserstein distance between its classes; nil without one.
    public let wasserstein: Double?
    /// The files beside the certificate whose figures were compared with it.
    public let compared: [String]
  }

  private let path: String
  private let sample: PointSample?
  private let threads: Int
  private let onProgress: @Sendable (_ checked: Int, _ total: Int) -> Void

  /// The certificate format's version.
  static let format = 1
  /// The spec language's version.
  private static let specVersion = 1

  /// A verification.
  ///
  /// - Parameters:
  ///   - path: the certificate.
  ///   - sample: which points to re-evaluate; nil for all.
  ///   - threads: how many points at a time.
  ///   - onProgress: called from any thread with the numbers of points checked since the last call and of
  ///     all to be checked; first with 0 when the bounds have been checked.
  public init(
    path: String, sample: PointSample? = nil, threads: Int,
    onProgress: @escaping @Sendable (_ checked: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    (self.path, self.sample, self.threads) = (path, sample, max(1, threads))
    self.onProgress = onProgress
  }

  /// Throws a ``Refusal`` unless everything holds.
  public func run() throws(Refusal) -> Report {
    let (certificate, folder) = try opened()
    let (specName, specBytes) = try folder.bytes(try certificate("spec"))
    let (weightsName, weightsBytes) = try folder.bytes(try certificate("weights"))
    let (testName, testBytes) = try folder.bytes(try certificate("test"))
    let spec = try EntryReader.read(specBytes[...], file: specName)
    try Self.check(spec)
    guard try certificate("name").string == spec("name").string else {
      throw try certificate("name").refuted("the spec's name is '\(try spec("name").string)'")
    }
    let format = try FloatFormat(certificate, spec: spec)
    // Before anything is built, so that its size is bounded by that of the files.
    let samples = try samples(
      TensorFile(testBytes, file: testName), of: Network.inputShape(try spec("network")), testName)
    let shard = try ShardClaim(certificate, points: samples.labels.count)
    let data = try DataClaim(
      try certificate("data"), spec: spec, samples: shard?.total ?? samples.labels.count)
    let network = try Network(
      try spec("network"), weights: TensorFile(weightsBytes, file: weightsName),
      sampleElements: samples.inputs.count)
    var bounds = BoundCheck(network, Workers(threads))
    try bounds.check(
      layers: try certificate("layers").elements, list: try certificate("layers"))
    try bounds.check(
      pairs: try certificate("pairs"), differences: try certificate("differences"))
    let claims = try PointClaims(
      try certificate("points"), first: shard?.first ?? 0, labels: samples.labels)
    let check = try pointCheck(
      LogitEnclosure(network, bounds, format), bounds, samples, try certificate("pairs"),
      claims.first)
    let chosen = sample?.places(of: claims.points.count) ?? Array(claims.points.indices)
    let norm = bounds.isNormConfirmed()
    let confirmed = try self.check(
      chosen, try certificate("points").elements, check, norm: norm)
    let wasserstein = try wasserstein(certificate, claims, bounds)
    return Report(
      name: try certificate("name").string, layers: network.nodes.count,
      points: claims.points.count, checked: chosen.count, confirmed: confirmed, data: data,
      shard: shard,
      precision: format.rawValue, wasserstein: wasserstein,
      compared: try compared(certificate, claims, spec, format, folder))
  }

  /// Checks the bound of a critic, if the certificate has one.
  private func wasserstein(
    _ certificate: Entry, _ claims: PointClaims, _ bounds: BoundCheck
  ) throws(Refusal) -> Double? {
    guard let entry = try certificate.optional("wasserstein") else { return nil }
    guard bounds.pairs.count == 4, try certificate.optional("shard") == nil else {
      throw entry.malformed("expected a critic with 2 logits, and all test points")
    }
    return try WassersteinCheck(
      claims, claimed: try certificate("pairs").elements[1].elements[0].bound,
      proved: bounds.pairs[1]
    ).check(entry)
  }

  /// Throws a ``Refusal`` unless the certificate names these files, by key, has their digests, and is about
  /// the precision of its spec.
  public func checkFiles(_ names: [(key: String, name: String)]) throws(Refusal) {
    let (certificate, folder) = try opened()
    for (key, name) in names {
      let entry = try certificate(key)
      guard try entry("file").string == name else {
        throw try entry("file").refuted("expected the file '\(name)'")
      }
      _ = try folder.bytes(entry)
    }
    let (name, bytes) = try folder.bytes(try certificate("spec"))
    _ = try FloatFormat(certificate, spec: try EntryReader.read(bytes[...], file: name))
  }

  /// The certificate and the folder that it lies in.
  private func opened() throws(Refusal) -> (certificate: Entry, folder: Folder) {
    let bytes = try Folder.read(path, following: true)
    let certificate = try EntryReader.read(bytes[...], file: path)
    try certificate.require(keys: [
      "format", "lmtc", "name", "precision", "spec", "weights", "test", "data", "shard", "layers",
      "differences", "pairs", "points", "wasserstein",
    ])
    guard try certificate("format").integer == Self.format else {
      throw try certificate("format").malformed("unsupported format, expected \(Self.format)")
    }
    _ = try certificate("lmtc").string
    let cut = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return (
      certificate,
      Folder(path: cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
    )
  }

  /// Compares the files that repeat what the certificate says, where they lie beside it.
  private func compared(
    _ certificate: Entry, _ claims: PointClaims, _ spec: Entry, _ format: FloatFormat,
    _ folder: Folder
  ) throws(Refusal) -> [String] {
    var compared: [String] = []
    if let bytes = try folder.optionalBytes(PointTable.name) {
      try PointTable.check(bytes, claims, file: folder.path(of: PointTable.name))
      compared.append(PointTable.name)
    }
    if let bytes = try folder.optionalBytes(ResultFile.name) {
      let result = try EntryReader.read(bytes[...], file: folder.path(of: ResultFile.name))
      try ResultFile(claims, certificate: certificate, spec: spec, format).check(result)
      compared.append(ResultFile.name)
    }
    return compared
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
    _ enclosure: LogitEnclosure, _ bounds: BoundCheck,
    _ samples: (inputs: [Float], labels: [Float]),
    _ pairs: Entry, _ first: Int
  ) throws(Refusal) -> PointCheck {
    var claims: [[Double]] = []
    for row in try pairs.elements {
      var numbers: [Double] = []
      for claim in try row.elements { numbers.append(try claim.bound.value) }
      claims.append(numbers)
    }
    return PointCheck(
      enclosure: enclosure, pairs: bounds.pairs, claims: claims,
      samples: samples.inputs, labels: samples.labels, first: first)
  }

  /// Checks points in parallel and throws the refusal of the first that fails.
  ///
  /// - Returns: how many products of matrices plain sums confirmed.
  private func check(
    _ chosen: [Int], _ entries: [Entry], _ check: PointCheck, norm: Bool?
  ) throws(Refusal) -> Int {
    let faults = Mutex<[Int: Refusal]>([:])
    let confirmations = Mutex<[Bool]>([norm].compactMap(\.self))
    let size = PointCheck.batch
    onProgress(0, chosen.count)
    Workers(threads).forEach((chosen.count + size - 1) / size) { batch in
      let points = chosen[batch * size..<min((batch + 1) * size, chosen.count)]
      guard faults.withLock({ $0.keys.allSatisfy { $0 > batch } }) else { return }
      do throws(Refusal) {
        try check.check(
          points.map { ($0, entries[$0]) },
          isConfirmed: batch > 0 ? nil : { found in confirmations.withLock { $0.append(found) } })
        onProgress(points.count, chosen.count)
      } catch {
        faults.withLock { $0[batch] = error }
      }
    }
    if let first = faults.withLock({ $0.min { $0.key < $1.key }?.value }) { throw first }
    return try confirmations.withLock { $0 }.count(confirming: entries[chosen[0]])
  }
}

extension [Bool] {
  /// Their number; refuses if one is false.
  fileprivate func count(confirming entry: Entry) throws(Refusal) -> Int {
    guard allSatisfy(\.self) else {
      throw entry.refuted(
        "not verified: products of matrices and plain sums differ by more than rounding")
    }
    return count
  }
}
