import Diagnostics
import Reporting
import Verifier

/// `lmtc verify`: re-checks a certificate with the independent checker.
public struct VerifyCommand {
  private let path: String
  private let sample: Int?
  private let invocation: Invocation

  /// A command.
  ///
  /// - Parameters:
  ///   - path: the certificate.
  ///   - sample: how many points to re-evaluate; nil for all.
  ///   - threads: all cores if nil.
  public init(path: String, sample: Int?, threads: Int?, isJSON: Bool, color: ColorChoice) {
    self.path = path
    self.sample = sample
    invocation = Invocation(specPath: path, threads: threads, isJSON: isJSON, color: color)
  }

  /// Runs the command; faults become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(invocation)
    do {
      let verification = Verification(
        path: path, sample: sample, threads: invocation.threads ?? Machine.cores)
      do {
        try show(try verification.run(), console)
        return .success
      } catch let refusal as Refusal {
        throw Failure(diagnostic(refusal))
      }
    } catch let failure as Failure {
      return console.fail(failure.diagnostics)
    }
  }

  private func show(_ report: Verification.Report, _ console: Console) throws(Failure) {
    let document: JSONValue = [
      "name": .string(report.name), "verified": true, "layers": .integer(report.layers),
      "points": .integer(report.points), "checked": .integer(report.checked), "diagnostics": [],
    ]
    let points =
      report.checked == report.points
      ? "all \(report.points) points" : "\(report.checked) of \(report.points) points"
    let layers = report.layers == 1 ? "1 layer" : "\(report.layers) layers"
    try console.write(
      console.isJSON
        ? document.prettyText
        : "\(report.name): verified the bounds of \(layers) and \(points)\n")
  }

  private func diagnostic(_ refusal: Refusal) -> Diagnostic {
    let id: Diagnostic.ID =
      switch refusal.kind {
      case .missing: .init(.file, "missing")
      case .malformed: .init(.data, "certificate")
      case .refuted: .init(.certificate, "refuted")
      }
    let place = refusal.place
    let prefix = place.path.map { $0.isEmpty ? "" : "\($0): " } ?? ""
    let location: Diagnostic.Location =
      place.line.map { .row(path: place.file, line: $0, column: place.column) }
      ?? .file(path: place.file, offset: nil)
    return Diagnostic(id, prefix + refusal.message, at: location)
  }
}
