import Certification
import Compiler
import Diagnostics
import Glibc
import ModelIR

/// How a result came about: what a person needs to trust it later, or to make it again.
public struct Provenance: Sendable {
  private let json: JSONValue

  /// - Parameters:
  ///   - spec: the path as given.
  ///   - digest: the SHA-256 digest of the spec's bytes.
  ///   - network: the files that the network comes from, none where the spec states its layers.
  ///   - overrides: the texts after `--set`.
  ///   - seed: what random numbers follow from.
  ///   - threads: the workers of certification.
  ///   - device: the engine's name.
  public init(
    spec: String, digest: String, network: [AdoptedNetwork.File], overrides: [String],
    seed: UInt64, threads: Int, device: String
  ) {
    let files: [JSONValue] = network.map {
      ["path": .string($0.path), "sha256": .string($0.sha256)]
    }
    json = [
      "lmtc": .string(Product.version),
      "spec": ["path": .string(spec), "sha256": .string(digest)],
      "network": .array(files),
      "overrides": .array(overrides.map { .string($0) }),
      "seed": Int(exactly: seed).map { .integer($0) } ?? .string(String(seed)),
      "threads": .integer(threads), "device": .string(device), "date": .string(Self.now),
    ]
  }

  /// The current time in UTC, in ISO 8601.
  private static var now: String {
    var (seconds, parts) = (time(nil), tm())
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  fileprivate var entry: (String, JSONValue) { ("provenance", json) }
}

/// What a result belongs to: how it came about, and the layers of its network.
public struct RunOrigin: Sendable {
  /// The entries of `result.json`.
  let entries: [(String, JSONValue)]

  /// The origin of a result under these bounds.
  public init(_ compilation: Compilation, _ bounds: NetworkBounds, _ provenance: Provenance) {
    let layers = compilation.bounds.own.enumerated().map { index, own in
      LayerRow(
        node: compilation.model.nodes[index], expression: own,
        norm: LayerRow.norm(own, bounds.norms)
      ).json
    }
    entries = [
      provenance.entry,
      ("input", .array(compilation.model.inputShape.map { .integer($0) })),
      ("classes", .integer(compilation.classes)), ("layers", .array(layers)),
    ]
  }

  /// The bounds on the layers' own constants, by name.
  public var constants: [String: Double] {
    let layers = entries.first { $0.0 == "layers" }?.1.elements ?? []
    return layers.reduce(into: [:]) { constants, layer in
      guard let name = layer["name"]?.string else { return }
      constants[name] = layer["bound"]?["upper"]?.number ?? .infinity
    }
  }

  /// The origin of a part, for the whole that it is joined to.
  public init(ofPart result: JSONValue) {
    entries = ["provenance", "input", "classes", "layers"].compactMap { key in
      result[key].map { (key, $0) }
    }
  }
}
