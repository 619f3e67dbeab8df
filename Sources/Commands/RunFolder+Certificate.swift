import Diagnostics
import Files
import Verifier

extension RunFolder {
  /// Throws, as `verify` does, unless the spec, the weights and the samples of the folder are those that a
  /// certificate names, with its digests.
  ///
  /// - Parameter certificate: a path; that of `certificate.json` if nil.
  func requireCertifiedFiles(certificate: String? = nil) throws(Failure) {
    let files: [(key: String, file: File)] = [
      ("spec", .resolvedSpec), ("weights", .model), ("test", .test),
    ]
    do {
      try Verification(path: certificate ?? path(of: .certificate), threads: 1).checkFiles(
        files.map { ($0.key, $0.file.rawValue) })
    } catch {
      throw Failure(error.diagnostic)
    }
  }
}
