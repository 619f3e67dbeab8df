import BoundAlgebra
import Catalog
import ModelIR
import TensorGraph

/// A spec's regularisers, each bound to the weights that it acts on.
struct Regularization {
  fileprivate struct Layer {
    let weight: String
    let groups: Int
    let norm: NormSymbol
    let isHead: Bool
  }

  private let regularizers: [any Regularizer]
  private let layers: [Layer]

  init(_ regularizers: [any Regularizer], of bounds: ModelBounds) {
    self.regularizers = regularizers
    layers = bounds.operators.compactMap { linear in
      linear.weight.map { weight, groups in
        Layer(
          weight: weight, groups: groups, norm: NormSymbol(linear.name),
          isHead: weight == bounds.head?.weight)
      }
    }
  }

  /// Appends the sum of the loss's further terms; nil if there are none.
  func penalty(
    weights: [String: Value], norms: [NormSymbol: Value], into builder: inout GraphBuilder
  ) -> Value? {
    var total: Value?
    for regularizer in regularizers {
      for layer in layers where regularizer.layers.contains(layer) {
        guard let weight = weights[layer.weight], let norm = norms[layer.norm] else {
          preconditionFailure("the step lacks '\(layer.weight)' or its norm")
        }
        var context = PenaltyContext(builder: builder, weight: weight, norm: norm)
        let term = regularizer.penalty(&context)
        builder = context.builder
        guard let term else { continue }
        total = total.map { builder.add($0, term) } ?? term
      }
    }
    return total
  }

  /// Appends what takes the place of an updated parameter.
  func retraction(
    of parameter: String, _ updated: Value, into builder: inout GraphBuilder
  ) -> Value {
    guard let layer = layers.first(where: { $0.weight == parameter }) else { return updated }
    var result = updated
    for regularizer in regularizers where regularizer.layers.contains(layer) {
      result = regularizer.retraction(of: result, groups: layer.groups, into: &builder)
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
