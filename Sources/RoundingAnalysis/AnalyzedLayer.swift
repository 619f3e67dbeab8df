import Enclosure
import TensorGraph

/// A layer of the analyzed graph, with the Lipschitz constants that bound how it propagates errors.
///
/// Within a layer, errors are bounded element by element. From layer to layer they are bounded in the ℓ2
/// norm by the layer's constant, which is far smaller than the sum of magnitudes would be.
public struct AnalyzedLayer: Sendable {
  /// How errors of the operands bound the error of the result.
  public enum Propagation: Sendable {
    /// One operand; the layer is Lipschitz with this constant.
    case lipschitz(UpperBound)
    /// W x + b for a vector x, with W [outputs, inputs] row-major and its norm.
    case matrix([Float], norm: UpperBound)
    /// Each element of the result is a function of the operand's element at the same row-major index,
    /// Lipschitz with this constant.
    case elementwise(UpperBound)
    /// The operands are added.
    case sum
    /// The operands are concatenated.
    case concatenation
    /// x − 2·Mᵀσ(M x + b), Lipschitz with a constant K in the first operand; the other one is Mᵀσ(M x + b), whose
    /// parts are layers of their own. Their errors go no farther than this layer.
    case gradientStep(UpperBound, [StepPart])

    /// Whether errors of the operands' elements stay in their places.
    var isElementwise: Bool {
      switch self {
      case .elementwise, .sum: true
      case .lipschitz, .matrix, .concatenation, .gradientStep: false
      }
    }

    /// The Lipschitz constant; nil for several operands.
    public var constant: UpperBound? {
      switch self {
      case .lipschitz(let constant), .matrix(_, norm: let constant), .elementwise(let constant),
        .gradientStep(let constant, _):
        constant
      case .sum, .concatenation: nil
      }
    }

    /// Of a step along a gradient.
    var parts: [StepPart] { if case .gradientStep(_, let parts) = self { parts } else { [] } }
  }

  /// A value inside a step along a gradient, and the constant of what the step makes of it.
  public struct StepPart: Sendable {
    let value: Value
    let gain: UpperBound
  }

  /// The layer's output in the graph.
  public let value: Value
  /// The layer's inputs in the graph.
  public let operands: [Value]
  /// How the layer propagates errors.
  public let propagation: Propagation
  /// Bounds the map from the network's input to the layer's output.
  public let constant: UpperBound

  /// - Parameter constant: bounds the map from the network's input to the layer's output.
  public init(value: Value, operands: [Value], propagation: Propagation, constant: UpperBound) {
    self.value = value
    self.operands = operands
    self.propagation = propagation
    self.constant = constant
  }
}

extension AnalyzedLayer {
  /// The layers of y = x − 2·Mᵀσ(M x + b) with a constant K ≥ max(1, 2‖M‖² − 1), so that ‖M‖ ≤ √((K + 1)/2).
  ///
  /// - Parameters:
  ///   - fromInput: bounds the map from the network's input to x.
  ///   - product: M x + b.
  ///   - active: σ(M x + b).
  ///   - adjoint: Mᵀσ(M x + b).
  ///   - bound: bounds the map from the network's input to y.
  public static func gradientStep(
    from x: Value, fromInput: UpperBound, product: Value, active: Value, adjoint: Value,
    to y: Value, constant: UpperBound, bound: UpperBound
  ) -> [AnalyzedLayer] {
    let two = UpperBound(proven: 2)
    let norm = ((constant + .one) * UpperBound(proven: 0.5)).squareRoot()
    let parts = [
      StepPart(value: product, gain: two * norm), StepPart(value: active, gain: two * norm),
      StepPart(value: adjoint, gain: two),
    ]
    return [
      AnalyzedLayer(
        value: product, operands: [x], propagation: .lipschitz(norm), constant: norm * fromInput),
      AnalyzedLayer(
        value: active, operands: [product], propagation: .elementwise(.one),
        constant: norm * fromInput),
      AnalyzedLayer(
        value: adjoint, operands: [active], propagation: .lipschitz(norm),
        constant: norm * norm * fromInput),
      AnalyzedLayer(
        value: y, operands: [x, adjoint], propagation: .gradientStep(constant, parts),
        constant: bound),
    ]
  }

  /// The layers by the node of their value; none if a layer's bound cannot be applied.
  ///
  /// Simplification may give several layers the same value, or let a layer read a value from farther up.
  /// Such rewrites hold for executed values too. But no value between a layer's operands and its result may
  /// be the output of another layer, since the error that the other layer adds would be lost.
  static func usable(
    _ layers: [AnalyzedLayer], in graph: Graph, fed: String, output: Value
  ) -> [Int: AnalyzedLayer] {
    var usable: [Int: AnalyzedLayer] = [:]
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

  /// The layers, by the node of their value, whose error their reader carries on: the output is read once,
  /// by an elementwise layer, an addition, or a last layer W x + b.
  static func carried(_ layers: [Int: AnalyzedLayer], output: Value) -> Set<Int> {
    var readers: [Int: [AnalyzedLayer]] = [output.index: []]
    for layer in layers.values {
      for operand in layer.operands { readers[operand.index, default: []].append(layer) }
    }
    let carried = layers.keys.filter { index in
      guard index != output.index, let found = readers[index], found.count == 1 else {
        return false
      }
      switch found[0].propagation {
      case .elementwise, .sum: return true
      case .matrix: return found[0].value == output
      case .lipschitz, .concatenation, .gradientStep: return false
      }
    }
    return Set(carried)
  }

  /// The members of `ends` that are reached first on the paths backward from the value.
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
