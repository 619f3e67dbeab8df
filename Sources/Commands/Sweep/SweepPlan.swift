import Diagnostics
import Files
import ModelIR
import Reporting

/// A run that a sweep makes: one value for each path that varies.
struct SweepPlan {
  /// The overrides, for people.
  let text: String
  let invocation: Invocation
  /// The path of the run's folder.
  let folder: String
  let spec: ModelSpec

  /// The most runs of a sweep.
  private static let maximumRuns = 10_000

  /// A run for every combination of values, and the folder of their folders.
  ///
  /// Every combination is compiled, so that a mistake in the last shows before the first is trained. Throws
  /// `usage.vary`, and the faults of specs.
  static func all(
    _ invocation: Invocation, varying texts: [String], into folder: String?
  ) throws(Failure) -> (folder: String, runs: [SweepPlan]) {
    let variations = try variations(texts)
    var base = folder
    var plans: [SweepPlan] = []
    for overrides in Variation.combinations(variations) {
      var changed = invocation
      changed.overrides += overrides
      let loading = try SpecLoading(changed)
      let spec = loading.compilation.spec
      _ = try loading.training()
      base = base ?? RunFolder.defaultPath(for: spec.name) + "-sweep"
      plans.append(
        SweepPlan(
          text: overrides.joined(separator: " "), invocation: changed,
          folder: (base ?? "") + "/" + Variation.folderName(overrides), spec: spec))
    }
    return (base ?? "", plans)
  }

  private static func variations(_ texts: [String]) throws(Failure) -> [Variation] {
    var variations: [Variation] = []
    for text in texts { variations.append(try Variation(text)) }
    if let twice = variations.indices.first(where: { index in
      variations[..<index].contains { $0.path == variations[index].path }
    }) {
      throw fault(
        "'--vary' names \(variations[twice].path.quoted) twice",
        help: "list all its values in one '--vary'")
    }
    let count = variations.reduce(1.0) { $0 * Double($1.values.count) }
    guard count <= Double(maximumRuns) else {
      throw fault(
        "a sweep may have at most \(NumberText.grouped(maximumRuns)) runs; these values make more",
        help: "vary fewer paths")
    }
    return variations
  }

  private static func fault(_ message: String, help: String) -> Failure {
    Failure(Diagnostic(.init(.usage, "vary"), message, at: .none, help: help))
  }

  /// Passes over the training data.
  var epochs: Int { spec.train?.epochs ?? 0 }

  /// Whether the folder has everything that a run writes.
  var hasResult: Bool {
    guard let folder = try? RunFolder(existing: folder) else { return false }
    return folder.contains(.report) && folder.contains(.result)
  }

  /// What the folder holds of this run; throws `file.other-spec` where it holds another.
  func progress() throws(Failure) -> Progress {
    guard let folder = try? RunFolder(existing: folder), folder.contains(.resolvedSpec) else {
      return .untouched
    }
    try folder.requireSameSpec(as: spec)
    guard hasResult else { return folder.contains(.checkpoint) ? .begun : .untouched }
    if folder.contains(.witnesses) { return .finished(.contradicted) }
    return .finished(try RunRecord(self.folder).isAccepted ? .success : .requirementFails)
  }

  /// How far a run is.
  enum Progress {
    case untouched
    /// With a checkpoint.
    case begun
    case finished(ExitCode)
  }

  /// The epochs that are done, by the lines of `metrics.jsonl`.
  var epochsDone: Int {
    guard let folder = try? RunFolder(existing: folder), let bytes = try? folder.read(.metrics)
    else { return 0 }
    return min(epochs, bytes.count { $0 == UInt8(ascii: "\n") })
  }

  /// The command line of the run.
  func arguments(isResumed: Bool) -> [String] {
    ["run"] + invocation.arguments + ["--out", folder, "--ends-with-input"]
      + (isResumed ? ["--resume"] : [])
  }
}

extension Invocation {
  /// The options that say the same on a command line, without progress.
  fileprivate var arguments: [String] {
    var words = [specPath, "--device", device, "--devices", "\(devices)"]
    words += ["--color", color.rawValue, "--quiet"]
    words += overrides.flatMap { ["--set", $0] }
    if let seed { words += ["--seed", "\(seed)"] }
    if let weightsPath { words += ["--weights", weightsPath] }
    if let threads { words += ["--threads", "\(threads)"] }
    if renamesWeights { words.append("--rename") }
    if isJSON { words.append("--json") }
    return words
  }
}
