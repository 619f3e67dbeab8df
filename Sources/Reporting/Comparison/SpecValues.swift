import Diagnostics
import Files
import SpecSyntax

/// The values of a resolved spec by their path, such as `train.loss.lmt.c`; that of `train.loss` is the kind, `lmt`.
struct SpecValues: Sendable {
  private let values: [(path: String, text: String)]
  private let byPath: [String: String]

  /// Reads the resolved spec of a run folder; throws `file.…`, or the diagnostics of a text that is not YAML.
  init(_ folder: RunFolder) throws(Failure) {
    let path = folder.path(of: .resolvedSpec)
    let file = SourceFile(path: path, bytes: try folder.read(.resolvedSpec))
    var diagnostics: [Diagnostic] = []
    guard let tree = parseYAML(file, &diagnostics) else { throw Failure(diagnostics) }
    var values: [Value] = []
    Self.collect(tree, at: "", into: &values)
    // It changes which files a run has, and nothing in them.
    values.removeAll { $0.path.hasPrefix("train.log[") }
    self.values = values.map { ($0.path, $0.text) }
    entries = Set(values.filter(\.isEntry).map(\.path))
    byPath = Dictionary(self.values, uniquingKeysWith: { first, _ in first })
  }

  subscript(path: String) -> String? { byPath[path] }

  /// The paths whose values are not the same in all of several specs, in the order of the specs.
  ///
  /// Those of the seed and of names are left out, and those of layers where not all networks have the same kinds of
  /// layers, since then the same path is about different layers. Where an entry, such as the loss, is not of the same
  /// kind everywhere, a key of one of its kinds differs only among the specs that have it.
  static func differences(_ specs: [SpecValues]) -> [String] {
    var seen: Set<String> = ["train.seed", "name"]
    let haveSameLayers = Set(specs.map(\.layerKinds)).count == 1
    var entries: [String] = []
    return specs.flatMap { $0.values.map(\.path) }.filter { path in
      let isOfLayer = path.hasPrefix(layers)
      let isOfKind = entries.contains { path.hasPrefix($0 + ".") }
      let values = Set(specs.map { $0[path] }.filter { $0 != nil || !isOfKind })
      let differs =
        seen.insert(path).inserted && values.count > 1
        && !(isOfLayer && (!haveSameLayers || path.hasSuffix(".name")))
      if differs, specs.contains(where: { $0.entries.contains(path) }) { entries.append(path) }
      return differs
    }
  }

  /// The paths of mappings of a single key, the kind of an entry.
  private let entries: Set<String>

  private static let layers = "network.layers["

  /// `[0].dense` and so on, of the resolved network.
  private var layerKinds: [String] {
    var kinds: [String] = []
    for (path, _) in values where path.hasPrefix(Self.layers) {
      let kind = path.dropFirst(Self.layers.count).split(separator: ".").prefix(2)
        .joined(separator: ".")
      if kinds.last != kind { kinds.append(kind) }
    }
    return kinds
  }

  /// Everything but the seed, to find the runs that differ by it alone.
  var withoutSeed: [String] {
    values.filter { $0.path != "train.seed" }.map { "\($0.path)=\($0.text)" }
  }

  private typealias Value = (path: String, text: String, isEntry: Bool)

  private static func collect(_ node: YAMLNode, at path: String, into values: inout [Value]) {
    switch node.content {
    case .scalar(let text, _): values.append((path, text, false))
    case .sequence(let nodes):
      for (index, node) in nodes.enumerated() {
        collect(node, at: "\(path)[\(index)]", into: &values)
      }
    case .mapping(let pairs):
      if pairs.count == 1, let kind = pairs[0].key.scalar, !path.isEmpty {
        values.append((path, kind, true))
      }
      for pair in pairs {
        let key = pair.key.scalar ?? "?"
        collect(pair.value, at: path.isEmpty ? key : "\(path).\(key)", into: &values)
      }
    }
  }
}
