/// Which data a certificate says that its samples are; only the comparison with the raw files shows
/// whether they are.
public struct DataClaim: Sendable, Hashable {
  /// The format of the raw files.
  public let format: String
  /// Stored value × scale is the input, as the spec writes it.
  public let scale: String
  /// The number of raw files or folders; 0 if the format makes the samples itself.
  public let files: Int

  /// Reads the claim and compares it with the spec and the number of samples.
  init(_ entry: Entry, spec: Entry, samples: Int) throws(Refusal) {
    try entry.require(keys: ["split", "samples", "format", "scale", "selection", "files"])
    guard try entry("samples").integer == samples else {
      throw try entry("samples").refuted("the test data have \(samples) samples")
    }
    guard try entry("split").string == "test" else {
      throw try entry("split").refuted("expected 'test'")
    }
    let data = try spec("data")
    for key in ["format", "scale"] { try Self.compare(try entry(key), data, key) }
    let selection = try entry("selection")
    for (key, value) in try selection.pairs { try Self.compare(value, data, key) }
    let common: Set = ["format", "scale", "train", "test", "classes"]
    for (key, _) in try data.pairs where !common.contains(key) {
      guard try selection.optional(key) != nil else {
        throw selection.refuted("the spec's data have the key '\(key)'")
      }
    }
    let files = try entry("files")
    for file in try files.elements {
      try file.require(keys: ["name", "sha256", "files"])
      let digits = try file("sha256").string.utf8
      guard digits.count == 64, digits.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
        throw try file("sha256").malformed("expected a SHA-256 digest")
      }
      _ = try file("name").string
      _ = try file.optional("files")?.integer
    }
    format = try entry("format").string
    scale = try entry("scale").string
    self.files = try files.elements.count
  }

  /// Whether a text is what the spec says under a key.
  private static func compare(
    _ claim: Entry, _ data: Entry, _ key: String
  ) throws(Refusal) {
    let text = try claim.string
    let value = try EntryReader.read(Array(text.utf8)[...], file: claim.place.file)
    guard let stated = try data.optional(key), value.isEqual(to: stated) else {
      throw claim.refuted("the spec's data have another '\(key)'")
    }
  }
}

extension Entry {
  /// Whether both are the same value, wherever they stand.
  func isEqual(to other: Entry) -> Bool {
    switch (content, other.content) {
    case (.scalar(let a, _), .scalar(let b, _)): a == b
    case (.list(let a), .list(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.isEqual(to: $1) }
    case (.mapping(let a), .mapping(let b)):
      a.count == b.count
        && zip(a, b).allSatisfy { $0.key == $1.key && $0.value.isEqual(to: $1.value) }
    case (.scalar, _), (.list, _), (.mapping, _): false
    }
  }
}
