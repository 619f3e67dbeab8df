import Diagnostics
import Execution
import OrderedCollections

/// A way to call the tensors of a file as a network does: one of its layers for each module of the file.
///
/// A module is what its tensors' names have before the last point; PyTorch calls it `features.0`. It can stand for
/// a layer whose parameters have the same last names and shapes. Where several modules can stand for the same
/// layers, they do in order: layers as in the spec, modules by their names, in which numbers are compared as such.
/// That order is a guess, so a renaming is only proposed, and a person decides.
public struct WeightRenaming: Sendable {
  /// The parameters of a layer or a module: the last parts of their names, with the shapes.
  private typealias Signature = [String: [Int]]

  /// What wrappers of PyTorch put before all names.
  private static let prefixes = ["module.", "_orig_mod."]

  /// The layer of each module, in the order of layers.
  let layers: [(module: String, layer: String)]

  /// Nil unless every module can stand for exactly one layer, and every layer has a module.
  ///
  /// - Parameter shapes: the network's parameters by full name, in the order of layers.
  init?(of weights: Weights, declared shapes: OrderedDictionary<String, [Int]>) {
    let wanted = Self.grouped(shapes.map { ($0.key, $0.value) })
    let found = Self.grouped(weights.tensors.map { ($0.key, $0.value.shape) })
    guard wanted.count == found.count else { return nil }
    var modules = found.keys.sorted(by: Self.isBefore)
    var layers: [(module: String, layer: String)] = []
    for (layer, signature) in wanted {
      let fitting = modules.filter { found[$0] == signature }
      let named = fitting.first { Self.withoutPrefixes($0) == layer }
      guard let module = named ?? fitting.first(where: { wanted[Self.withoutPrefixes($0)] == nil })
      else { return nil }
      modules.removeAll { $0 == module }
      layers.append((module, layer))
    }
    self.layers = layers
  }

  /// The weights by the network's names.
  func apply(to weights: Weights) -> Weights {
    let names = Dictionary(uniqueKeysWithValues: layers)
    return Weights(
      Dictionary(
        uniqueKeysWithValues: weights.tensors.map { name, tensor in
          let (module, parameter) = Self.parts(of: name)
          return (names[module].map { "\($0).\(parameter)" } ?? name, tensor)
        }))
  }

  /// The layers whose modules have other names: `'features.0' as 'conv2d_1'`.
  public var text: String {
    let changed = layers.filter { $0.module != $0.layer }
    let listed = changed.prefix(12).map { "'\($0.module)' as '\($0.layer)'" }
    let rest = changed.count > 12 ? ", and \(changed.count - 12) more" : ""
    return listed.joined(separator: ", ") + rest
  }

  private static func grouped(
    _ tensors: [(name: String, shape: [Int])]
  ) -> OrderedDictionary<String, Signature> {
    tensors.reduce(into: [:]) { groups, tensor in
      let (module, parameter) = parts(of: tensor.name)
      groups[module, default: [:]][parameter] = tensor.shape
    }
  }

  private static func parts(of name: String) -> (module: String, parameter: String) {
    guard let point = name.lastIndex(of: ".") else { return ("", name) }
    return (String(name[..<point]), String(name[name.index(after: point)...]))
  }

  private static func withoutPrefixes(_ module: String) -> String {
    guard let prefix = prefixes.first(where: module.hasPrefix) else { return module }
    return withoutPrefixes(String(module.dropFirst(prefix.count)))
  }

  /// Whether a name comes before another one, part by part, numbers by their value.
  private static func isBefore(_ a: String, _ b: String) -> Bool {
    let (left, right) = (a.split(separator: "."), b.split(separator: "."))
    for (x, y) in zip(left, right) where x != y {
      return runs(x).lexicographicallyPrecedes(runs(y)) {
        if let m = Int($0), let n = Int($1), m != n { return m < n }
        return $0 < $1
      }
    }
    return left.count < right.count
  }

  /// The runs of digits and of other characters.
  private static func runs(_ text: Substring) -> [Substring] {
    text.matches(of: /[0-9]+|[^0-9]+/).map(\.0)
  }
}
