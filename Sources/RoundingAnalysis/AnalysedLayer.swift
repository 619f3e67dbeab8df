import Enclosure
import TensorGraph

/// A place where a network's exact function is known to be Lipschitz: a layer's output.
///
/// Between two such places errors are followed element by element; from place to place they are handed
/// on in the ℓ2 norm by the layer's constant, which is far less than the sum of magnitudes would be.
public struct AnalysedLayer: Sendable {
  /// How distances of the operands bound the distance of the results.
  public enum Step: Sendable {
    /// The result of one operand moves at most this much farther.
    case lipschitz(UpperBound)
    /// W x + b for a vector x: W row by row, [outputs, inputs], and its norm.
    case matrix([Float], norm: UpperBound)
    /// Each element of the result is a function of the operand's element in the same place, row-major, and
    /// moves at most this much farther.
    case elementwise(UpperBound)
    /// The operands are added.
    case sum
    /// The operands stand side by side.
    case concatenation

    /// Bounds how much farther the result of one operand moves; nil for several operands.
    public var constant: UpperBound? {
      switch self {
      case .lipschitz(let constant), .matrix(_, norm: let constant), .elementwise(let constant):
        constant
      case .sum, .concatenation: nil
      }
    }
  }

  /// The layer's output in the graph.
  public let value: Value
  /// The layer's inputs in the graph.
  public let operands: [Value]
  /// Bounds the layer as a function of its inputs.
  public let step: Step
  /// Bounds the map from the network's input to the output.
  public let constant: UpperBound

  /// Describes a layer.
  public init(value: Value, operands: [Value], step: Step, constant: UpperBound) {
    self.value = value
    self.operands = operands
    self.step = step
    self.constant = constant
  }
}

extension AnalysedLayer {
  /// The layers by the node of their value; none if a bound could not be applied to each.
  ///
  /// Simplification may give several layers one value, or take a layer's operand from farther up: such
  /// rewrites hold for executed values too. But nothing between a layer's operands and its value may be
  /// another layer's output, since what it adds would be lost.
  static func usable(
    _ layers: [AnalysedLayer], in graph: Graph, fed: String, output: Value
  ) -> [Int: AnalysedLayer] {
    var usable: [Int: AnalysedLayer] = [:]
    for layer in layers where layer.operands.allSatisfy({ $0 < layer.value }) {
      if usable[layer.value.index] == nil { usable[layer.value.index] = layer }
    }
    let input = graph.inputs.first { $0.name == fed }?.value.index
    let ends = Set(usable.keys).union([input].compactMap { $0 })
    let fits = usable.values.allSatisfy { layer in
      let above = Set(graph.indices(behind: layer.operands))
      return layer.operands.allSatisfy { ends.contains($0.index) }
        && layer.nearest(ends, in: graph).isSubset(of: above)
    }
    return fits && usable[output.index] != nil ? usable : [:]
  }

  /// The ends that are reached first on the way up from the value.
  private func nearest(_ ends: Set<Int>, in graph: Graph) -> Set<Int> {
    var (found, seen): (Set<Int>, Set<Int>) = ([], [])
    var open = graph[value].operands.map(\.index)
    while let index = open.popLast() {
      if ends.contains(index) {
        found.insert(index)
      } else if seen.insert(index).inserted {
        open += graph.nodes[index].operands.map(\.index)
      }
    }
    return found
  }
}
