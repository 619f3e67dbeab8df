import Digest
import Files
import Foundation
import Verifier

extension FuzzTarget {
  /// The files of a run that commands read back.
  static let runTargets = [
    verified("certificate", damaging: .certificate),
    verified("certificate-spec", damaging: .resolvedSpec),
    verified("certificate-weights", damaging: .model),
    verified("certificate-samples", damaging: .test),
    resumed,
  ]

  /// `verify` of a run folder with one file damaged, its digest in the certificate brought up to date as a
  /// forger would.
  private static func verified(_ name: String, damaging file: RunFolder.File) -> FuzzTarget {
    FuzzTarget(
      name: name, seeds: [run([file])[file.rawValue] ?? []], file: file.rawValue,
      companions: run([.certificate, .resolvedSpec, .model, .test])
        .filter { $0.key != file.rawValue }
    ) { folder in
      let certificate = folder + "/" + RunFolder.File.certificate.rawValue
      if file != .certificate {
        try resealed(file, in: folder).write(to: URL(filePath: certificate))
      }
      let report = try Verification(path: certificate, sample: 3, threads: 1).run()
      precondition(report.checked <= 3)
    }
  }

  /// `run --resume` with the checkpoint damaged.
  private static let resumed = FuzzTarget(
    name: "resume", seeds: [run([.checkpoint])[RunFolder.File.checkpoint.rawValue] ?? []],
    file: RunFolder.File.checkpoint.rawValue, companions: run([.spec, .metrics])
  ) { folder in
    let code = try SampleRun.run(in: folder, isResumed: true)
    // Weights that are numbers but no good may make training diverge.
    precondition([.success, .failure, .malformedData].contains(code), "code \(code.rawValue)")
  }

  private static func run(_ files: [RunFolder.File]) -> [String: [UInt8]] {
    SampleRun.files.filter { file in files.contains { $0.rawValue == file.key } }
  }

  /// The certificate with the digest of a damaged file in place of that of the whole one.
  private static func resealed(_ file: RunFolder.File, in folder: String) throws -> Data {
    let damaged = try Data(contentsOf: URL(filePath: folder + "/" + file.rawValue))
    let files = run([.certificate, file])
    let text = String(decoding: files[RunFolder.File.certificate.rawValue] ?? [], as: UTF8.self)
    let whole = SHA256.hexadecimalDigest(of: files[file.rawValue] ?? [])
    precondition(text.contains(whole), "the certificate does not refer to '\(file.rawValue)'")
    return Data(text.replacing(whole, with: SHA256.hexadecimalDigest(of: [UInt8](damaged))).utf8)
  }
}
