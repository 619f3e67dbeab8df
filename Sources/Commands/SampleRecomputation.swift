import Diagnostics
import FileFormats
import Files
import ModelIR
import Verifier

/// Reads the test samples of a certificate from the raw data again and compares them.
///
/// This uses lmtc's own readers of data formats, not the independent checker.
struct SampleRecomputation {
  private let folder: RunFolder
  private let certificate: String
  private let invocation: Invocation
  /// The index of the first certified sample in the test data.
  private let first: Int
  /// The number of samples that the test data have according to the certificate.
  private let total: Int

  /// A recomputation for the certificate at a path, whose files lie beside it; it must be verified.
  init(certificate: String, shard: ShardClaim?, points: Int, _ invocation: Invocation)
    throws(Failure)
  {
    (first, total) = (shard?.first ?? 0, shard?.total ?? points)
    folder = try RunFolder(existing: FolderListing.split(certificate).folder)
    self.certificate = certificate
    self.invocation = invocation
  }

  /// Throws `certificate.data` unless the samples are those of the raw data at a path, or those that the
  /// format makes itself.
  func check(at path: String?) throws(Failure) {
    try folder.requireCertifiedFiles(certificate: certificate)
    var invocation = invocation
    invocation.specPath = folder.path(of: .resolvedSpec)
    let loading = try SpecLoading(invocation)
    let data = try loading.data()
    let isGenerated = data.format.value.files(for: .test).isEmpty
    guard isGenerated || path != nil else {
      throw fault(
        "data.files: the certificate names no raw file, and '\(data.format.kind)' reads some",
        at: certificate)
    }
    let path = isGenerated ? nil : path
    try compare(try DatasetReading.digests(data.format.value, split: .test, at: path))
    let recomputed = try loading.samples(.test, at: path)
    let certified = try Safetensors.decode(
      try folder.read(.test), path: folder.path(of: .test)
    ).tensors
    guard let inputs = certified["inputs"], let labels = certified["labels"] else {
      throw fault("there are no samples", at: folder.path(of: .test))
    }
    try compare(recomputed, inputs.elements, labels.elements)
  }

  private func fault(_ message: String, at path: String, offset: Int? = nil) -> Failure {
    Failure(
      Diagnostic(
        Diagnostic.ID(.certificate, "data"), message, at: .file(path: path, offset: offset),
        help: "certify again from the spec, the weights and these data"))
  }

  /// Compares the digests of the raw files with those in the certificate.
  private func compare(_ found: [DataDigest]) throws(Failure) {
    let bytes = try FileReading.bytes(of: certificate)
    let claims: [LocatedJSON]
    do {
      claims = try JSONParser.parse(bytes[...])["data"]?["files"]?.array ?? []
    } catch {
      throw FileFault(.data, path: certificate)("certificate", error.message, at: error.offset)
    }
    guard claims.count == found.count else {
      throw fault(
        "data.files: the certificate names \(claims.count) raw files, found \(found.count)",
        at: certificate)
    }
    for (index, (claim, file)) in zip(claims, found).enumerated() {
      guard claim["sha256"]?.string == file.sha256, claim["files"]?.integer == file.fileCount else {
        throw fault(
          "data.files[\(index)]: the SHA-256 digest of '\(file.name)' is \(file.sha256)",
          at: certificate, offset: claim.offset)
      }
    }
  }

  /// Compares every label and the bits of every value.
  private func compare(
    _ samples: SampleSet, _ inputs: [Float], _ labels: [Float]
  ) throws(Failure) {
    let path = folder.path(of: .test)
    let size = samples.sampleCount
    guard samples.count == total, inputs.count == labels.count * size else {
      throw fault("the raw data have \(samples.count) samples, found \(total)", at: path)
    }
    for (place, index) in (first..<first + labels.count).enumerated() {
      guard Float(samples.labels[index]) == labels[place] else {
        throw fault(
          "sample \(index) has the label \(samples.labels[index]) in the raw data, found \(labels[place])",
          at: path)
      }
      let certified = inputs[place * size..<(place + 1) * size]
      for (element, (raw, value)) in zip(try samples[index], certified).enumerated()
      where raw.bitPattern != value.bitPattern {
        throw fault(
          "value \(element) of sample \(index) is \(raw) in the raw data, found \(value)", at: path)
      }
    }
  }
}
