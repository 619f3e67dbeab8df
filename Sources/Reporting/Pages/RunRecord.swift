import Certification
import Diagnostics
import FileFormats
import Files

/// What a run folder says of a finished run, for pages and comparisons.
///
/// The files are derived from the certificate; nothing here is checked again.
public struct RunRecord: Sendable {
  /// A row of `certificate.tsv`.
  struct Point: Sendable {
    let index: Int
    let label: Int
    let predicted: Int
    let radius: Double
    var isCorrect: Bool { label == predicted }
  }

  /// The nearest adversarial examples found.
  struct Adversarial: Sendable {
    /// Distances by the place of a test point.
    var distances: [Int: Double] = [:]
    /// Elements of some of them, by the place of the test point.
    var points: [Int: [Float]] = [:]
  }

  /// The folder.
  public let folder: RunFolder
  /// `result.json`.
  public let result: JSONValue
  /// The test points.
  let points: [Point]
  /// A line of `metrics.jsonl` an epoch; none for given weights, or where the record is not for a page.
  let epochs: [JSONValue]
  /// What attacks found, where the folder keeps it and the record is for a page.
  let adversarial: Adversarial
  /// The shape of a sample, where the result says it.
  let shape: [Int]

  /// Reads a folder, or that of a file in it; throws `file.…`, or `data.run` where its files are not those of a run.
  ///
  /// - Parameter isForPage: whether plots are to be drawn, which takes more files than `result.json` and
  ///   `certificate.tsv`.
  public init(_ path: String, isForPage: Bool = false) throws(Failure) {
    folder = try RunFolder(of: path)
    result = try Self.document(folder)
    points = try Self.points(folder)
    shape = result["input"]?.elements?.compactMap(\.integer) ?? []
    epochs = isForPage ? try Self.epochs(folder) : []
    adversarial =
      isForPage ? try Self.adversarial(folder, size: shape.checkedSize) : Adversarial()
  }

  /// The name of the spec.
  public var name: String { result["name"]?.string ?? folder.path }

  /// Whether no requirement fails.
  public var isAccepted: Bool {
    !(result["requirements"]?.elements ?? []).contains { $0["verdict"]?.string == "fails" }
  }

  /// Reads a sample; nil where the folder does not have it.
  func sample(_ place: Int) -> [Float]? {
    guard shape.checkedSize != nil, let file = try? folder.open(.test) else { return nil }
    return SampleSet.sample(place, of: points.count, shape: shape, in: file)
  }

  private static func fault(_ folder: RunFolder, _ file: RunFolder.File) -> Failure {
    Failure(
      Diagnostic(
        .init(.data, "run"), "'\(file.rawValue)' is not as lmtc writes it",
        at: .file(path: folder.path(of: file), offset: nil),
        help: "run the spec again, or 'lmtc certify' with the folder's weights"))
  }

  private static func document(_ folder: RunFolder) throws(Failure) -> JSONValue {
    if !folder.contains(.result), folder.contains(.checkpoint) {
      throw Failure(
        Diagnostic(
          .init(.data, "run"), "the run is not finished",
          at: .file(path: folder.path, offset: nil),
          help: "go on with it by 'lmtc run SPEC --out \(folder.path) --resume'"))
    }
    let bytes = try folder.read(.result)
    guard let json = try? JSONParser.parse(bytes[...]).value, json["points"]?.integer != nil else {
      throw fault(folder, .result)
    }
    return json
  }

  private static func points(_ folder: RunFolder) throws(Failure) -> [Point] {
    let lines = try folder.read(.certificateTable).split(separator: UInt8(ascii: "\n")).dropFirst()
    var points: [Point] = []
    points.reserveCapacity(lines.count)
    for line in lines {
      let cells = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      guard cells.count == 5, let index = Int(cells[0]), let label = Int(cells[1]),
        let predicted = Int(cells[2]), let radius = Double(cells[3]), radius >= 0
      else { throw fault(folder, .certificateTable) }
      points.append(Point(index: index, label: label, predicted: predicted, radius: radius))
    }
    return points
  }

  private static func epochs(_ folder: RunFolder) throws(Failure) -> [JSONValue] {
    guard folder.contains(.metrics) else { return [] }
    let lines = try folder.read(.metrics).split(separator: UInt8(ascii: "\n"))
    let epochs = lines.map { try? JSONParser.parse($0).value }
    guard !epochs.contains(where: { $0 == nil }) else { throw fault(folder, .metrics) }
    return epochs.compactMap(\.self)
  }

  private static func adversarial(
    _ folder: RunFolder, size: Int?
  ) throws(Failure) -> Adversarial {
    guard folder.contains(.adversarial) else { return Adversarial() }
    let arrays = try NPZ.decode(
      try folder.read(.adversarial), path: folder.path(of: .adversarial))
    let index = (arrays["index"]?.elements ?? []).map { Int(exactly: $0) ?? -1 }
    let shown = (arrays["shown"]?.elements ?? []).map { Int(exactly: $0) ?? -1 }
    var found = Adversarial()
    for (place, distance) in zip(index, arrays["distance"]?.elements ?? []) {
      found.distances[place] = Double(distance)
    }
    let elements = arrays["points"]?.elements ?? []
    guard let size, elements.count == shown.count * size else { return found }
    for (row, place) in shown.enumerated() {
      found.points[place] = Array(elements[row * size..<(row + 1) * size])
    }
    return found
  }
}

extension [Int] {
  /// The number of elements of this shape; nil unless it is one of a few million.
  var checkedSize: Int? {
    guard !isEmpty, count <= 8, allSatisfy({ (1...1 << 24).contains($0) }) else { return nil }
    let size = reduce(1.0) { $0 * Double($1) }
    return size <= Double(1 << 24) ? Int(size) : nil
  }
}
