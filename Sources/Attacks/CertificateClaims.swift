import Diagnostics
import FileFormats
import Files
import ModelIR

/// What a run folder claims: a class and a radius for each test point, and Lipschitz constants.
///
/// A constant is ∞ where nothing is claimed.
public struct CertificateClaims {
  /// What is claimed of one test point.
  public struct Point {
    /// The class in the test data.
    public let label: Int
    /// The class of the executed network; −1 where a logit is not a number.
    public let predicted: Int
    /// The certified radius, ℓ2 in input units.
    public let radius: Double
  }

  /// What is claimed of one layer.
  struct Layer {
    let name: String
    /// The constant of the layer alone; ∞ for sums and concatenations.
    let constant: Double
    /// The constant of the map from the network's input to its output.
    let bound: Double
  }

  /// In the order of the test data.
  public let points: [Point]
  /// In the order of ``Model/nodes``.
  let layers: [Layer]
  /// Row i has the constants of F_i − F_j for j < i.
  private let pairs: [[Double]]

  /// The claimed constant of F_i − F_j, i ≠ j.
  func pair(_ i: Int, _ j: Int) -> Double { pairs[max(i, j)][min(i, j)] }

  /// Reads `certificate.json`; throws `file.…`, or `data.certificate` where it does not fit the network.
  public init(_ folder: RunFolder, model: Model, classes: Int) throws(Failure) {
    let reader = ClaimReader(fault: FileFault(.data, path: folder.path(of: .certificate)))
    let document = try reader.document(try folder.read(.certificate))
    if let shard = document["shard"] {
      throw reader.refusal(
        "the certificate of all test points is required, found that of a shard", shard)
    }
    let points = try reader.list("points", of: document)
    self.points = try points.enumerated().map { index, entry throws(Failure) in
      guard entry["index"]?.integer == index else {
        throw reader.refusal("expected test point \(index)", entry)
      }
      return Point(
        label: try reader.integer("label", of: entry, in: 0..<classes),
        predicted: try reader.integer("predicted", of: entry, in: -1..<classes),
        radius: try reader.number("radius", of: entry))
    }
    let layers = try reader.list("layers", of: document, count: model.nodes.count)
    self.layers = try zip(layers, model.nodes).map { entry, node throws(Failure) in
      guard entry["layer"]?.string == node.name else {
        throw reader.refusal("expected the layer '\(node.name)'", entry)
      }
      return Layer(
        name: node.name, constant: try reader.bound("constant", of: entry),
        bound: try reader.bound("bound", of: entry))
    }
    let pairs = try reader.list("pairs", of: document, count: classes)
    self.pairs = try pairs.enumerated().map { i, row throws(Failure) in
      guard let row = row.array, row.count == i else {
        throw reader.refusal("expected a list of \(i) constants", pairs[i])
      }
      return try row.map { value throws(Failure) in try reader.bound(value) }
    }
  }
}

/// Reads claims from an untrusted document.
private struct ClaimReader {
  let fault: FileFault

  func document(_ bytes: [UInt8]) throws(Failure) -> LocatedJSON {
    do { return try JSONParser.parse(bytes[...]) } catch {
      throw fault("certificate", error.message, at: error.offset)
    }
  }

  func refusal(_ message: String, _ value: LocatedJSON) -> Failure {
    fault(
      "certificate", message, at: value.offset,
      help: "audit an unchanged folder written by 'run' or 'certify'")
  }

  private func missing(_ what: String, _ key: String, _ value: LocatedJSON) -> Failure {
    refusal("'\(key)' must be \(what)", value[key] ?? value)
  }

  /// A list, of any length if no count is given.
  func list(
    _ key: String, of value: LocatedJSON, count: Int? = nil
  ) throws(Failure) -> [LocatedJSON] {
    guard let list = value[key]?.array, list.count == count ?? list.count else {
      throw missing(count.map { "a list of length \($0)" } ?? "a list", key, value)
    }
    return list
  }

  func integer(
    _ key: String, of value: LocatedJSON, in range: Range<Int>
  ) throws(Failure) -> Int {
    guard let integer = value[key]?.integer, range.contains(integer) else {
      throw missing("an integer from \(range.lowerBound) to \(range.upperBound - 1)", key, value)
    }
    return integer
  }

  /// A finite number that is not negative.
  func number(_ key: String, of value: LocatedJSON) throws(Failure) -> Double {
    guard let number = value[key].flatMap(Self.number) else {
      throw missing("a nonnegative number", key, value)
    }
    return number
  }

  /// A constant; ∞ where there is none.
  func bound(_ key: String, of value: LocatedJSON) throws(Failure) -> Double {
    guard let entry = value[key] else { return .infinity }
    return try bound(entry)
  }

  /// A constant; ∞ for null, which is how infinity is written.
  func bound(_ value: LocatedJSON) throws(Failure) -> Double {
    if case .null = value.content { return .infinity }
    guard let number = Self.number(value) else {
      throw refusal("a constant must be null or a nonnegative number", value)
    }
    return number
  }

  private static func number(_ value: LocatedJSON) -> Double? {
    guard case .number(let text) = value.content, let number = Double(text), number >= 0,
      number.isFinite
    else { return nil }
    return number
  }
}
