import Diagnostics
import Files
import SpecSyntax

/// The values of a resolved spec by their path, such as `train.loss.lmt.c`.
struct SpecValues: Sendable {
  private let values: [(path: String, text: String)]
  private let byPath: [String: String]

  /// Reads the resolved spec of a run folder; throws `file.…`, or the diagnostics of a text that is not YAML.
  init(_ folder: RunFolder) throws(Failure) {
    let path = folder.path(of: .resolvedSpec)
    let file = SourceFile(path: path, bytes: try folder.read(.resolvedSpec))
    var diagnostics: [Diagnostic] = []
    guard let tree = parseYAML(file, &diagnostics) else { throw Failure(diagnostics) }
    var values: [(String, String)] = []
    Self.collect(tree, at: "", into: &values)
    self.values = values
    byPath = Dictionary(values, uniquingKeysWith: { first, _ in first })
  }

  subscript(path: String) -> String? { byPath[path] }

  /// The paths whose values are not the same in all of several specs, without those of the seed and the name, in the
  /// order of the specs.
  static func differences(_ specs: [SpecValues]) -> [String] {
    var seen: Set<String> = ["train.seed", "name"]
    return specs.flatMap { $0.values.map(\.path) }.filter { path in
      seen.insert(path).inserted && Set(specs.map { $0[path] }).count > 1
    }
  }

  /// Everything but the seed, to find the runs that differ by it alone.
  var withoutSeed: [String] {
    values.filter { $0.path != "train.seed" }.map { "\($0.path)=\($0.text)" }
  }

  private static func collect(
    _ node: YAMLNode, at path: String, into values: inout [(String, String)]
  ) {
    switch node.content {
    case .scalar(let text, _): values.append((path, text))
    case .sequence(let nodes):
      for (index, node) in nodes.enumerated() {
        collect(node, at: "\(path)[\(index)]", into: &values)
      }
    case .mapping(let pairs):
      for pair in pairs {
        let key = pair.key.scalar ?? "?"
        collect(pair.value, at: path.isEmpty ? key : "\(path).\(key)", into: &values)
      }
    }
  }
}
