import BoundAlgebra
import LipschitzBounds
import ModelIR
import TensorGraph

/// A spec's regularizers, each with the weights that it acts on.
struct Regularization {
  fileprivate struct Layer {
    let weight: String
    let groups: Int
    let linear: LinearOperator
    let isHead: Bool
  }

  private let regularizers: [any Regularizer]
  private let layers: [Layer]

  init(_ regularizers: [any Regularizer], of bounds: ModelBounds) {
    self.regularizers = regularizers
    layers = bounds.operators.compactMap { linear in
      linear.weight.map { weight, groups in
        Layer(
          weight: weight, groups: groups, linear: linear, isHead: weight == bounds.head?.weight)
      }
    }
  }

  /// The operators whose norms enter the loss, whether or not the network's bound needs them.
  var normedOperators: [LinearOperator] {
    let users = regularizers.filter { if case .ofNorm = $0.penalty { true } else { false } }
    return layers.filter { layer in users.contains { $0.layers.contains(layer) } }.map(\.linear)
  }

  /// The sum of the regularizers' terms of the loss; nil if there are none.
  ///
  /// - Parameters:
  ///   - weights: parameters by full name.
  ///   - norms: the estimates for at least the ``normedOperators``.
  func penalty(weights: [String: Tensor], norms: [NormSymbol: Tensor]) -> Tensor? {
    var total: Tensor?
    for regularizer in regularizers {
      guard let penalty = regularizer.penalty else { continue }
      for layer in layers where regularizer.layers.contains(layer) {
        let operand =
          switch penalty {
          case .ofWeight: weights[layer.weight]
          case .ofNorm: norms[NormSymbol(layer.linear.name)]
          }
        guard let operand else {
          preconditionFailure("the step lacks '\(layer.weight)' or its norm")
        }
        let term =
          switch penalty {
          case .ofWeight(let term), .ofNorm(let term): term(operand)
          }
        total = total.map { $0 + term } ?? term
      }
    }
    return total
  }

  /// What replaces an updated parameter.
  func retraction(of parameter: String, _ updated: Tensor) -> Tensor {
    guard let layer = layers.first(where: { $0.weight == parameter }) else { return updated }
    var result = updated
    for regularizer in regularizers where regularizer.layers.contains(layer) {
      result = regularizer.retraction(of: result, groups: layer.groups)
    }
    return result
  }
}

extension RegularizedLayers {
  fileprivate func contains(_ layer: Regularization.Layer) -> Bool {
    switch self {
    case .all: true
    case .hidden: !layer.isHead
    case .head: layer.isHead
    }
  }
}
