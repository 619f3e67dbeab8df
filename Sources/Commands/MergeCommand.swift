import Certification
import Diagnostics
import Enclosure
import FileFormats
import Files
import ModelIR
import Reporting

/// `lmtc merge`: joins the certificates of all shards of a test set.
public struct MergeCommand {
  private let paths: [String]
  private let folder: String
  private let overwrites: Bool
  private let isJSON: Bool
  private let color: ColorChoice

  /// A command.
  ///
  /// - Parameters:
  ///   - paths: certificates or their folders.
  ///   - folder: receives the whole.
  ///   - overwrites: whether to replace results of another spec in the folder.
  public init(
    _ paths: [String], folder: String, overwrites: Bool = false, isJSON: Bool, color: ColorChoice
  ) {
    (self.paths, self.folder, self.overwrites) = (paths, folder, overwrites)
    (self.isJSON, self.color) = (isJSON, color)
  }

  /// Runs the command; faults of the input become diagnostics and an exit code.
  public func run() throws -> ExitCode {
    let console = Console(isJSON: isJSON, color: color)
    do throws(Failure) {
      let parts = try parts()
      let merge = try ShardMerge(parts)
      let folder = try RunFolder(creating: folder, isExclusive: true)
      try requireOther(folder, than: parts)
      if !overwrites { try folder.requireSameSpec(as: merge.spec) }
      let result = try merge.write(to: folder, console.style)
      try console.write(isJSON ? result.json.prettyText : result.text)
      return result.isAccepted ? .success : .requirementFails
    } catch {
      return console.fail(error.diagnostics)
    }
  }

  /// The shards in the order of their points.
  private func parts() throws(Failure) -> [ShardFolder] {
    var parts: [ShardFolder] = []
    for path in paths {
      let isFolder = FileReading.kind(of: path) == .folder
      parts.append(
        try ShardFolder(
          certificate: isFolder ? path + "/" + RunFolder.File.certificate.rawValue : path))
    }
    return parts.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  private func requireOther(_ folder: RunFolder, than parts: [ShardFolder]) throws(Failure) {
    for part in parts where part.folder.isSame(as: folder) {
      throw Failure(
        Diagnostic(
          .init(.usage, "shard"), "'--out' must not be the folder of a shard",
          at: .file(path: folder.path, offset: nil)))
    }
  }
}

/// Shards that make a whole.
private struct ShardMerge {
  private let parts: [ShardFolder]
  private let results: [ShardResult]
  private let loading: SpecLoading

  /// The spec of the whole.
  var spec: ModelSpec { loading.compilation.spec }

  /// Throws `data.shard` with every reason why shards do not fit together.
  init(_ parts: [ShardFolder]) throws(Failure) {
    self.parts = parts
    let faults = Self.differences(parts) + Self.gaps(parts)
    guard faults.isEmpty else { throw Failure(faults) }
    loading = try SpecLoading(
      Invocation(specPath: parts[0].folder.path(of: .resolvedSpec), isQuiet: true))
    var results: [ShardResult] = []
    for part in parts { results.append(try ShardResult(part)) }
    self.results = results
  }

  /// What the certificates of shards have in common, with the words for it.
  private static let common = [
    ("lmtc", "version of lmtc"), ("name", "name"), ("spec", "spec"), ("weights", "weights"),
    ("precision", "precision"), ("data", "test data"), ("layers", "bounds"),
    ("differences", "bounds"), ("pairs", "bounds"),
  ]

  private static func differences(_ parts: [ShardFolder]) -> [Diagnostic] {
    parts.dropFirst().flatMap { part -> [Diagnostic] in
      let other = common.first { part.head[$0.0] != parts[0].head[$0.0] }
      guard let other else { return [] }
      return ShardFolder.fault(
        "the \(other.1) \(other.1.hasSuffix("s") ? "are" : "is") not that of '\(parts[0].path)'",
        part.path
      ).diagnostics
    }
  }

  private static func gaps(_ parts: [ShardFolder]) -> [Diagnostic] {
    var end = 0
    var faults: [Diagnostic] = []
    func missing(_ range: Range<Int>, _ path: String) {
      guard !range.isEmpty else { return }
      faults +=
        ShardFolder.fault(
          "no shard has the test points \(range.lowerBound) to \(range.upperBound - 1)", path
        ).diagnostics
    }
    for (place, part) in parts.enumerated() {
      if part.range.lowerBound < end {
        faults +=
          ShardFolder.fault(
            "test point \(part.range.lowerBound) is also in '\(parts[place - 1].path)'", part.path
          ).diagnostics
      } else {
        missing(end..<part.range.lowerBound, part.path)
      }
      end = max(end, part.range.upperBound)
    }
    if let last = parts.last, end < last.total { missing(end..<last.total, last.path) }
    return faults
  }

  /// Writes the folder of the whole; throws `file.…` or `data.shard`.
  func write(
    to folder: RunFolder, _ style: TextStyle
  ) throws(Failure) -> (json: JSONValue, text: String, isAccepted: Bool) {
    // Nothing that an earlier result left belongs to this one.
    folder.removeResults()
    for file in [RunFolder.File.spec, .checkpoint, .metrics, .events] { folder.remove(file) }
    for file in [RunFolder.File.resolvedSpec, .model] {
      let source = try parts[0].folder.open(file)
      try folder.write(as: file) { sink throws(Failure) in
        try sink.append(source, 0..<source.count)
      }
    }
    try writeSamples(to: folder)
    let points = parts.flatMap(\.points)
    let result = result(points)
    try folder.write(
      certificate: head(try folder.digest(of: .test)), of: points, result.wasserstein)
    // Places are those in the spec that the shards were given, not in the resolved one.
    let json = result.json.setting("diagnostics", to: results[0].diagnostics)
      .setting("requirements", to: results[0].placed(result.json["requirements"]))
    try folder.write(json.prettyText, as: .result)
    try folder.write(table: points)
    try folder.write(
      try ReportPage([try RunRecord(folder.path, isForPage: true)]).html, as: .report)
    return (json, result.text(style), result.isAccepted)
  }

  private func head(_ test: String) -> JSONValue {
    guard case .object(var entries) = parts[0].head else { return parts[0].head }
    entries["shard"] = nil
    entries["test"] = entries["test"]?.setting("sha256", to: .string(test))
    return .object(entries)
  }

  private func result(_ points: [PointCertificate]) -> RunResult {
    let summary = RadiusStatistics(points)
    let spec = loading.compilation.spec
    var rounding = RoundingStatistics(above: spec.certify.radii.map(\.upper))
    for result in results {
      rounding.add(exactCounts: result.exactCounts, largestError: result.largestError)
    }
    let first = results[0]
    let wasserstein = WassersteinBound(points, constant: first.pairwise)
    return RunResult(
      spec, origin: first.origin, summary: summary, rounding: rounding, lipschitz: first.lipschitz,
      pairwise: first.pairwise, wasserstein: wasserstein, geometry: geometry,
      times: results.reduce(CertificationTimes()) { $0 + $1.times },
      requirements: Requirements(
        loading.compilation, lipschitz: first.lipschitz.upper, layers: first.origin.constants,
        summary: summary, wasserstein: wasserstein),
      diagnostics: [])
  }

  /// From the data that the spec names, as the whole would have it.
  private var geometry: Result<DataGeometry, Failure> {
    do throws(Failure) {
      let test = try loading.samples(.test)
      return loading.geometry(test, 0..<test.count, .single)
    } catch {
      return .failure(error)
    }
  }

  /// The inputs of all shards, then all labels.
  private func writeSamples(to folder: RunFolder) throws(Failure) {
    let shape = loading.compilation.model.inputShape
    var sources: [(source: any ByteSource, inputs: Range<Int>)] = []
    for part in parts {
      let source = try part.folder.open(.test)
      let header = SampleSet.tensorFileHeader(count: part.range.count, shape: shape)
      let inputs = header.count..<header.count + 4 * part.range.count * shape.reduce(1, *)
      guard try source.prefix(header.count) == header,
        source.count == inputs.upperBound + 4 * part.range.count
      else {
        throw ShardFolder.fault("the samples are not as lmtc writes them", part.path)
      }
      sources.append((source, inputs))
    }
    let count = parts.reduce(0) { $0 + $1.range.count }
    try folder.write(as: .test) { sink throws(Failure) in
      try sink.append(SampleSet.tensorFileHeader(count: count, shape: shape)[...])
      for (source, inputs) in sources { try sink.append(source, inputs) }
      for (source, inputs) in sources {
        try sink.append(source, inputs.upperBound..<source.count)
      }
    }
  }
}

/// What the result of a shard says that its certificate does not.
private struct ShardResult {
  let lipschitz: (upper: Double, lower: Double)
  let pairwise: Double
  let exactCounts: [Int]
  let largestError: UpperBound
  let times: CertificationTimes
  let diagnostics: JSONValue
  let origin: RunOrigin
  private let lines: [JSONValue]

  /// Reads `result.json`; throws `file.…`, or `data.shard` where it is not that of the certificate.
  init(_ part: ShardFolder) throws(Failure) {
    let path = part.folder.path(of: .result)
    guard let json = try? JSONParser.parse(try part.folder.read(.result)[...]).value,
      json["points"]?.integer == part.range.count,
      let upper = json["lipschitz"]?["upper"], let lower = json["lipschitz"]?["lower"],
      let pairwise = json["pairwise"]?["upper"], let rounding = json["rounding"],
      let rows = rounding["certified_accuracy_real"]?.elements,
      let error = rounding["largest_error"],
      let total = json["certification"]?["seconds"]?.number,
      let bounds = json["certification"]?["bounds_seconds"]?.number,
      let forward = json["certification"]?["forward_seconds"]?.number,
      let diagnostics = json["diagnostics"]
    else { throw ShardFolder.fault("'result.json' is not that of the certificate", path) }
    // What is infinite is written as null.
    lipschitz = (upper.number ?? .infinity, lower.number ?? 0)
    self.pairwise = pairwise.number ?? .infinity
    // A share of fewer than 2⁵⁰ points gives the number of points back.
    exactCounts = rows.map {
      Int((($0["accuracy"]?.number ?? 0) * Double(part.range.count)).rounded())
    }
    largestError = UpperBound(proven: error.number ?? .infinity)
    times = CertificationTimes(total: total, bounds: bounds, forward: forward)
    self.diagnostics = diagnostics
    origin = RunOrigin(ofPart: json)
    lines = json["requirements"]?.elements?.compactMap { $0["line"] } ?? []
  }

  /// Rows of requirements with the lines of the spec that the shard was given.
  func placed(_ requirements: JSONValue?) -> JSONValue {
    .array(
      zip(requirements?.elements ?? [], lines).map { row, line in row.setting("line", to: line) })
  }
}
