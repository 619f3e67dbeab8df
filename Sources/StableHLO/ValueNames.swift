import TensorGraph

/// The names of a graph's values in MLIR: `%7` for node 7, and for inputs what is legal of their own names.
///
/// Names of inputs hold no `$` and start with a letter or `_`, so that they differ from all others.
struct ValueNames {
  private let names: [String]

  init(_ graph: Graph) {
    var names = graph.nodes.indices.map { "%\($0)" }
    var taken: Set<String> = []
    for input in graph.inputs {
      let name = Self.legal(input.name)
      var unique = name
      var count = 1
      while !taken.insert(unique).inserted {
        count += 1
        unique = "\(name)_\(count)"
      }
      names[input.value.index] = "%" + unique
    }
    // Identities have no operation of their own: they share the name of what they pass on.
    for (index, node) in graph.nodes.enumerated() {
      switch node.operation {
      case .stopGradient, .withDerivative: names[index] = names[node.operands[0].index]
      default: break
      }
    }
    self.names = names
  }

  subscript(value: Value) -> String { names[value.index] }

  /// Letters, digits, `_` and `.` of ASCII stay, all else becomes `_`; a letter or `_` comes first.
  private static func legal(_ name: String) -> String {
    let text = String(name.map { isLegal($0) ? $0 : "_" })
    return text.first.map { $0.isLetter || $0 == "_" } ?? false ? text : "_" + text
  }

  private static func isLegal(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "_.".contains(character))
  }
}
