import Diagnostics
import ModelIR

/// A network around the examples of a kind of layer: one branch for each, joined before three classes.
public struct ExampleNetwork: Sendable {
  /// The shape of an input.
  public static let input = [4]

  private let kind: String
  private let branches: [LayerExample]
  /// Whether the layer takes its numbers from the data, so that it can only read the input.
  private let readsInput: Bool

  /// A network with some examples of a kind, or all of them.
  public init(_ type: any Layer.Type, _ examples: [LayerExample]? = nil) {
    (kind, branches) = (type.kind, examples ?? type.examples)
    var diagnostics: [Diagnostic] = []
    let layer = type.read(branches.first?.keys ?? "", &diagnostics)
    readsInput = layer?.parameters(for: branches[0].inputs).contains(where: \.isOfData) ?? false
  }

  /// The layers as a YAML list in flow style; the examples are named `example_0`, `example_1`, ….
  ///
  /// - Parameter keys: the keys of the first example instead of its own.
  public func layers(keys: String? = nil) -> String {
    var layers: [String] = []
    for (index, branch) in branches.enumerated() {
      var sources = readsInput ? ["input"] : []
      for (number, shape) in branch.inputs.enumerated() where !readsInput {
        let source = "input_\(index)_\(number)"
        layers += [
          "dense: {units: \(shape.reduce(1, *)), from: input, name: vector_\(index)_\(number)}",
          "reshape: {shape: \(shape), name: \(source)}",
        ]
        sources.append(source)
      }
      let text = index == 0 ? keys ?? branch.keys : branch.keys
      let own = text.isEmpty ? "" : text.dropFirst().dropLast() + ", "
      let place = "from: [\(sources.joined(separator: ", "))], name: example_\(index)"
      layers += ["\(kind): {\(own)\(place)}", "flatten: {name: branch_\(index)}"]
    }
    let names = branches.indices.map { "branch_\($0)" }.joined(separator: ", ")
    if branches.count > 1 { layers.append("concat: {from: [\(names)]}") }
    return "[" + (layers + ["dense: 3"]).joined(separator: ", ") + "]"
  }

  /// A spec that names only the network.
  public func spec(keys: String? = nil) -> String {
    "lmt: 1\nname: example\nnetwork:\n  input: \(Self.input)\n  layers: \(layers(keys: keys))\n"
  }
}
