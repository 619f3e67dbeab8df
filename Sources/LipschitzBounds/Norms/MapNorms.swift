import BoundAlgebra
import Enclosure
import ModelIR

/// Guaranteed norms of composed linear maps for given weights.
///
/// A map that folds to one convolution is bounded as that; one with a side of few elements is written
/// out and bounded as a matrix; in any case ‖A∘B‖ ≤ ‖A‖·‖B‖, ‖A + B‖ ≤ ‖A‖ + ‖B‖ from the parts, and
/// the least of these is kept. What is computed on the way is kept for other maps with the same parts.
struct MapNorms {
  /// Larger sides are not written out.
  static let largestSide = 2048
  static let largestElements = 1 << 24
  /// Operations that the lower bound beside a norm may take.
  private static let checkEffort = 1e9

  let maps: LinearMaps
  private let layerNorms: OperatorNorms
  let weights: (String) -> [Float]
  /// The most operations that a map may take.
  private let limit: Double
  private var bounds: [LinearMaps.ID: NormBound] = [:]
  var layers: [LinearMaps.ID: StoredLayer?] = [:]
  var matrices: [Side: ExplicitMatrix?] = [:]
  var convolutions: [LinearMaps.ID: FoldedConvolution?] = [:]

  struct Side: Hashable {
    let map: LinearMaps.ID
    let isTransposed: Bool
  }

  init(
    _ maps: LinearMaps, layerNorms: OperatorNorms, weights: @escaping (String) -> [Float],
    limit: Double
  ) {
    self.maps = maps
    self.layerNorms = layerNorms
    self.weights = weights
    self.limit = limit
  }

  /// The bounds of a map.
  mutating func bound(_ id: LinearMaps.ID) -> NormBound {
    if let known = bounds[id] { return known }
    var best = productBound(id)
    if !maps.isSingle(id), best.upper > .zero {
      if let joint = convolutionBound(id) ?? matrixBound(id), joint.upper < best.upper {
        best = joint
      }
    }
    bounds[id] = best
    return best
  }

  /// The matrix with a row for each element of the image, where it is small enough.
  mutating func rows(_ id: LinearMaps.ID) -> ExplicitMatrix? {
    guard maps.outputCount(id) <= Self.largestSide,
      maps.outputCount(id) * maps.inputCount(id) <= Self.largestElements,
      cost(id, rows: maps.outputCount(id)) <= limit
    else { return nil }
    return matrix(id, isTransposed: false)
  }

  private mutating func productBound(_ id: LinearMaps.ID) -> NormBound {
    switch maps[id] {
    case .identity:
      return NormBound(upper: .one, lower: .one, method: "closed form", reason: "the identity")
    case .layer(let map):
      if let norm = map.closedNorm {
        return NormBound(
          upper: norm.upper, lower: norm.lower, method: "closed form", reason: "a constant")
      }
      return layerNorms[NormSymbol(map.name)]
    case .composition(let outer, let inner):
      let (a, b) = (bound(outer), bound(inner))
      return NormBound(
        upper: a.upper * b.upper, lower: .zero, method: "product", reason: "of its parts' norms")
    case .sum(let terms):
      let total = terms.reduce(UpperBound.zero) { $0 + bound($1).upper }
      return NormBound(upper: total, lower: .zero, method: "sum", reason: "of its parts' norms")
    case .scaled(let factor, let map):
      let inner = bound(map)
      let size = factor.magnitude
      return NormBound(
        upper: UpperBound(proven: size) * inner.upper,
        lower: LowerBound(proven: size) * inner.lower, method: inner.method, reason: inner.reason)
    }
  }

  private mutating func convolutionBound(_ id: LinearMaps.ID) -> NormBound? {
    guard let folded = convolution(id) else { return nil }
    return bound(folded.block, error: folded.error, exponent: folded.exponent)
  }

  private mutating func matrixBound(_ id: LinearMaps.ID) -> NormBound? {
    let isTransposed = maps.inputCount(id) < maps.outputCount(id)
    let side = min(maps.inputCount(id), maps.outputCount(id))
    let other = max(maps.inputCount(id), maps.outputCount(id))
    guard side <= Self.largestSide, side * other <= Self.largestElements,
      cost(id, rows: side) <= limit,
      let matrix = matrix(id, isTransposed: isTransposed)
    else { return nil }
    return bound(matrix.block, error: matrix.error, exponent: matrix.exponent)
  }

  private func bound(
    _ block: any LinearBlock, error: UpperBound, exponent: Int
  ) -> NormBound? {
    let choice = MethodChoice(limit: limit)
    let method = choice.method(for: block, named: nil)
    let found = method.bound(block)
    let checked = NormLowerBound.of(
      block, after: found, effort: min(limit / 4, Self.checkEffort))
    return NormBound(
      upper: (found.upper + error).scaled(byPowerOfTwo: exponent),
      lower: max(found.lower, checked).reduced(by: error).scaled(byPowerOfTwo: exponent),
      method: type(of: method).name, reason: found.reason)
  }

}
