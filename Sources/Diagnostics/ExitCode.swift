/// The exit codes that scripts rely on.
public enum ExitCode: Int32, Sendable {
  /// Done, and every requirement holds.
  case success = 0
  /// The spec has errors, or training diverged.
  case failure = 1
  /// A requirement does not hold, and nothing worse: what a gate in continuous integration looks at.
  case requirementFails = 2
  /// A certificate was contradicted.
  case contradicted = 3
  /// Wrong usage of the command line.
  case usage = 64
  /// A data or weights file is malformed or does not fit the spec.
  case malformedData = 65
  /// A file is missing or cannot be read.
  case missingFile = 66
  /// The asked-for device is not there.
  case noDevice = 69
  /// A bug in lmtc.
  case bug = 70
  /// Interrupted after writing a checkpoint.
  case interrupted = 130

  /// The code for a list of diagnostics: that of the first error, success if there is none.
  public init(for diagnostics: [Diagnostic]) {
    guard let first = diagnostics.first(where: { $0.severity == .error }) else {
      self = .success
      return
    }
    switch first.id.area {
    case .yaml, .spec, .shape, .bound, .train: self = .failure
    case .require: self = .requirementFails
    case .data, .weights: self = .malformedData
    case .file: self = .missingFile
    case .device: self = .noDevice
    case .certificate: self = .contradicted
    case .usage: self = .usage
    }
  }
}
