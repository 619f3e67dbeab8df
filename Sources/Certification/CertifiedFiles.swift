import Diagnostics
import Digest
import Execution
import Files
import ModelIR

/// The files that a certificate refers to, of which the samples are not in memory.
public struct CertifiedFiles {
  private let spec: String
  private let weights: [UInt8]
  private let samples: SampleSet
  private let range: Range<Int>

  /// The files of a certificate of some of the samples.
  public init(_ spec: ModelSpec, weights: Weights, samples: SampleSet, range: Range<Int>) {
    self.spec = RunFolder.text(resolved: spec)
    self.weights = RunFolder.bytes(weights: weights)
    (self.samples, self.range) = (samples, range)
  }

  /// The digests of the files; throws `file.…` where samples cannot be read.
  public func digests() throws(Failure) -> [RunFolder.File: String] {
    var test = SHA256()
    try samples.forEachTensorFilePiece(of: range) { piece in
      piece.withUnsafeBufferPointer { test.update($0) }
    }
    return [
      .resolvedSpec: SHA256.hexadecimalDigest(of: Array(spec.utf8)),
      .model: SHA256.hexadecimalDigest(of: weights), .test: test.hexadecimalDigest,
    ]
  }

  /// Writes the files; throws `file.…`.
  public func write(to folder: RunFolder) throws(Failure) {
    try folder.write(spec, as: .resolvedSpec)
    try folder.write(weights, as: .model)
    try folder.write(as: .test) { sink throws(Failure) in
      try samples.forEachTensorFilePiece(of: range) { piece throws(Failure) in
        try sink.append(piece)
      }
    }
  }
}
