import BoundAlgebra
import Enclosure
import ModelIR

extension MapNorms {
  private mutating func layer(_ id: LinearMaps.ID, _ map: LinearOperator) -> StoredLayer? {
    if let known = layers[id] { return known }
    let stored = StoredLayer(map, weights: weights)
    layers[id] = stored
    return stored
  }

  mutating func matrix(_ id: LinearMaps.ID, isTransposed: Bool) -> ExplicitMatrix? {
    let side = Side(map: id, isTransposed: isTransposed)
    if let known = matrices[side] { return known }
    let count = isTransposed ? maps.inputCount(id) : maps.outputCount(id)
    let found: ExplicitMatrix?
    if case .composition(let outer, let inner) = maps[id] {
      let (first, second) = isTransposed ? (inner, outer) : (outer, inner)
      found = matrix(first, isTransposed: isTransposed).flatMap {
        product($0, second, isTransposed: isTransposed)
      }
    } else {
      found = product(ExplicitMatrix(identity: count), id, isTransposed: isTransposed)
    }
    matrices[side] = found
    return found
  }

  /// R times a map or its transpose.
  mutating func product(
    _ matrix: ExplicitMatrix, _ id: LinearMaps.ID, isTransposed: Bool
  ) -> ExplicitMatrix? {
    switch maps[id] {
    case .identity:
      return matrix
    case .layer(let map):
      return layer(id, map).flatMap { matrix.times($0, isTransposed: isTransposed) }
    case .composition(let outer, let inner):
      let (first, second) = isTransposed ? (inner, outer) : (outer, inner)
      return product(matrix, first, isTransposed: isTransposed).flatMap {
        product($0, second, isTransposed: isTransposed)
      }
    case .sum(let terms):
      var total: ExplicitMatrix?
      for term in terms {
        guard let part = product(matrix, term, isTransposed: isTransposed) else { return nil }
        total = total == nil ? part : total?.plus(part)
      }
      return total
    case .scaled(let factor, let map):
      return product(matrix, map, isTransposed: isTransposed)?.scaled(by: factor)
    }
  }

  mutating func convolution(_ id: LinearMaps.ID) -> FoldedConvolution? {
    if let known = convolutions[id] { return known }
    let found = folded(id)
    convolutions[id] = found
    return found
  }

  private mutating func folded(_ id: LinearMaps.ID) -> FoldedConvolution? {
    switch maps[id] {
    case .identity: return nil
    case .layer(let map): return FoldedConvolution(map, weights: weights)
    case .composition(let outer, let inner):
      guard let first = convolution(outer), let second = convolution(inner) else { return nil }
      return first.after(second)
    case .sum(let terms):
      var total: FoldedConvolution?
      for term in terms {
        let part = convolution(term) ?? identity(term, like: terms)
        guard let part else { return nil }
        total = total == nil ? part : total?.plus(part)
      }
      return total
    case .scaled(let factor, let map):
      return convolution(map)?.scaled(by: factor)
    }
  }

  /// An identity between images takes its shape from the other terms of a sum.
  private mutating func identity(
    _ id: LinearMaps.ID, like terms: [LinearMaps.ID]
  ) -> FoldedConvolution? {
    guard case .identity = maps[id] else { return nil }
    for term in terms {
      if let other = convolution(term) {
        return FoldedConvolution(identity: [other.channels] + other.extent)
      }
    }
    return nil
  }
}
