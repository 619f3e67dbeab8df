import BoundAlgebra
import Enclosure
import MatrixProducts
import ModelIR
import TensorGraph

/// Guaranteed norms of composed linear maps for given weights.
///
/// A map that can be folded into one convolution is bounded as a convolution, and one with few inputs or
/// few outputs as an explicit matrix. The bounds ‖A∘B‖ ≤ ‖A‖·‖B‖ and ‖A + B‖ ≤ ‖A‖ + ‖B‖ from the parts
/// always hold. The least of these is the result. Intermediate results are kept for other maps with the
/// same parts, matrices as long as there is room.
struct ComposedMapNorms {
  /// The most rows of a matrix that is computed explicitly.
  private static let largestSide = 2048
  private static let mostElements = 1 << 24
  /// The most operations for a lower bound.
  private static let checkEffort = 2.5e8

  private let maps: LinearMaps
  private let layerNorms: OperatorNorms
  private let weights: (String) -> [Float]
  /// The most operations for one map.
  private let limit: Double
  private let workers: Workers
  private var bounds: [LinearMaps.ID: NormBound] = [:]
  /// The bounds of maps as a whole; nil if there is none.
  private var joints: [LinearMaps.ID: NormBound?] = [:]
  private var layers: [LinearMaps.ID: WeightedOperator?] = [:]
  private var matrices = RecentMatrices()
  private var convolutions: [LinearMaps.ID: FoldedConvolution?] = [:]

  /// A map as a whole: 2^exponent · (block + E) with ‖E‖ ≤ `error`.
  private struct Joint {
    let block: any LinearBlock
    let error: UpperBound
    let exponent: Int
    /// The numbers that the block keeps in memory.
    let elements: Int
  }

  init(
    _ maps: LinearMaps, layerNorms: OperatorNorms, weights: @escaping (String) -> [Float],
    limit: Double, workers: Workers = .single
  ) {
    self.maps = maps
    self.layerNorms = layerNorms
    self.weights = weights
    self.limit = limit
    self.workers = workers
  }

  /// The bound of a map; quick if it was prepared.
  mutating func bound(_ id: LinearMaps.ID) -> NormBound {
    if let known = bounds[id] { return known }
    prepare([id])
    var best: NormBound
    if let joint = joints[id] ?? nil {
      best = joint
      if !joint.isTight {
        let product = productBound(id)
        if product.upper <= joint.upper { best = product }
      }
    } else {
      best = productBound(id)
    }
    bounds[id] = best
    return best
  }

  /// Bounds maps as a whole, and the parts of those for which that gives no tight bound, on all workers.
  mutating func prepare(_ ids: [LinearMaps.ID]) {
    var pending = Set(ids)
    while true {
      let round = pending.filter { joints[$0] == nil }.sorted()
      if round.isEmpty { return }
      let found = boundJointly(round)
      for (id, bound) in zip(round, found) { joints.updateValue(bound, forKey: id) }
      let loose = zip(round, found).filter { !($0.1?.isTight ?? false) }
      pending = Set(loose.flatMap { maps.operands(of: $0.0) })
    }
  }

  /// The maps are taken in parts, so that few of their matrices are in memory at once.
  private mutating func boundJointly(_ ids: [LinearMaps.ID]) -> [NormBound?] {
    let choice = MethodChoice(limit: limit)
    var found: [NormBound?] = []
    while found.count < ids.count {
      var (joints, elements): ([Joint?], Int) = ([], 0)
      for id in ids[found.count...] where elements < RecentMatrices.mostElements {
        let joint = maps.isSingle(id) ? nil : convolutionBlock(id) ?? matrixBlock(id)
        elements += joint?.elements ?? 0
        joints.append(joint)
      }
      found += workers.map(joints.count) { [workers, joints] index in
        joints[index].map { Self.bound($0, choice, workers) }
      }
    }
    return found
  }

  /// The matrix with a row for each output; nil if it is too large.
  mutating func rows(_ id: LinearMaps.ID) -> ExplicitMatrix? {
    guard maps.outputCount(id) <= Self.largestSide,
      maps.outputCount(id) * maps.inputCount(id) <= Self.mostElements,
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

  private mutating func convolutionBlock(_ id: LinearMaps.ID) -> Joint? {
    convolution(id).map {
      Joint(block: $0.block, error: $0.error, exponent: $0.exponent, elements: 0)
    }
  }

  private mutating func matrixBlock(_ id: LinearMaps.ID) -> Joint? {
    let isTransposed = maps.inputCount(id) < maps.outputCount(id)
    let side = min(maps.inputCount(id), maps.outputCount(id))
    let other = max(maps.inputCount(id), maps.outputCount(id))
    guard side <= Self.largestSide, side * other <= Self.mostElements,
      cost(id, rows: side) <= limit
    else { return nil }
    return matrix(id, isTransposed: isTransposed).map {
      Joint(
        block: $0.block, error: $0.error, exponent: $0.exponent, elements: side * other)
    }
  }

  private static func bound(
    _ joint: Joint, _ choice: MethodChoice, _ workers: Workers
  ) -> NormBound {
    let method = choice.method(for: joint.block, named: nil)
    let found = method.bound(joint.block, workers)
    let checked = NormLowerBound.of(
      joint.block, after: found, effort: min(choice.limit / 4, checkEffort))
    return NormBound(
      // What cancels leaves only this error, and the checker's may be larger.
      upper: (found.upper + joint.error.scaled(byPowerOfTwo: ExplicitMatrix.room))
        .scaled(byPowerOfTwo: joint.exponent),
      lower: max(found.lower, checked).reduced(by: joint.error)
        .scaled(byPowerOfTwo: joint.exponent),
      method: type(of: method).name, reason: found.reason)
  }
}

extension NormBound {
  /// Whether no other bound can be noticeably smaller.
  fileprivate var isTight: Bool { upper.value <= lower.value * (1 + 1e-8) }
}

extension ComposedMapNorms {
  private mutating func layer(_ id: LinearMaps.ID, _ map: LinearOperator) -> WeightedOperator? {
    if let known = layers[id] { return known }
    let found = WeightedOperator(map, weights: weights)
    layers[id] = found
    return found
  }

  private mutating func matrix(_ id: LinearMaps.ID, isTransposed: Bool) -> ExplicitMatrix? {
    let factors = maps.factors(of: id)
    return matrix(
      RecentMatrices.Path(
        maps: isTransposed ? factors.reversed() : factors, isTransposed: isTransposed))
  }

  private mutating func matrix(_ path: RecentMatrices.Path) -> ExplicitMatrix? {
    if let known = matrices.find(path) { return known }
    var before = path
    guard let last = before.maps.popLast() else { preconditionFailure("a map has factors") }
    let start: ExplicitMatrix?
    if before.maps.isEmpty {
      let count = path.isTransposed ? maps.inputCount(last) : maps.outputCount(last)
      start = ExplicitMatrix(identity: count, workers)
    } else {
      start = matrix(before)
    }
    let found = start.flatMap { product($0, last, isTransposed: path.isTransposed) }
    matrices.keep(found, of: path)
    return found
  }

  /// A matrix times a map or its transpose.
  private mutating func product(
    _ matrix: ExplicitMatrix, _ id: LinearMaps.ID, isTransposed: Bool
  ) -> ExplicitMatrix? {
    switch maps[id] {
    case .identity:
      return matrix
    case .layer(let map):
      return layer(id, map).flatMap { matrix.times($0, isTransposed: isTransposed, workers) }
    case .composition(let outer, let inner):
      let (first, second) = isTransposed ? (inner, outer) : (outer, inner)
      return product(matrix, first, isTransposed: isTransposed).flatMap {
        product($0, second, isTransposed: isTransposed)
      }
    case .sum(let terms):
      var total: ExplicitMatrix?
      for term in terms {
        guard let part = product(matrix, term, isTransposed: isTransposed) else { return nil }
        total = total == nil ? part : total?.plus(part, workers)
      }
      return total
    case .scaled(let factor, let map):
      return product(matrix, map, isTransposed: isTransposed)?.scaled(by: factor, workers)
    }
  }

  private mutating func convolution(_ id: LinearMaps.ID) -> FoldedConvolution? {
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

  /// An identity in a sum, with the shape of the other terms.
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

extension ComposedMapNorms {
  /// About how many multiplications it takes to compute a map's matrix and to bound it.
  private func cost(_ id: LinearMaps.ID, rows: Int) -> Double {
    let apply = maps.layers(of: id).reduce(0) { $0 + Self.cost(of: $1) }
    let (side, other) = (
      Double(rows), Double(max(maps.inputCount(id), maps.outputCount(id)))
    )
    return side * apply + Self.matrixCost(side, other)
  }

  /// About how many multiplications it takes to bound a map jointly; nil if it can only be bounded by its parts.
  static func cost(of id: LinearMaps.ID, in maps: LinearMaps) -> Double? {
    let (a, b) = (maps.inputCount(id), maps.outputCount(id))
    let (side, other) = (Double(min(a, b)), Double(max(a, b)))
    let layers = maps.layers(of: id)
    let convolution = convolutionCost(layers)
    guard min(a, b) <= largestSide, a * b <= mostElements else { return convolution }
    let apply = layers.reduce(0) { $0 + cost(of: $1) }
    return min(side * apply + matrixCost(side, other), convolution ?? .infinity)
  }

  /// The cost of ``CholeskyMethod`` for a matrix [side, other].
  private static func matrixCost(_ side: Double, _ other: Double) -> Double {
    side * side * (other / 2 + side / 4 + 150)
  }

  /// About the cost of a single convolution with diagonal maps before and after it.
  private static func convolutionCost(_ layers: [LinearOperator]) -> Double? {
    var total: Double?
    for layer in layers {
      switch layer.form {
      case .convolution(_, let window, let input, let filters):
        guard total == nil, let output = window.outputExtent(Array(input[1...])) else { return nil }
        total = convolutionCost(window, input, [filters] + output)
      case .diagonal: continue
      case .dense, .transposedConvolution, .sumPool, .copy, .centering: return nil
      }
    }
    return total
  }

  /// The cost of ``CholeskyMethod`` on the output's side up to the limit of ``MethodChoice``, else that of
  /// ``FourierMethod``.
  private static func convolutionCost(
    _ window: ConvolutionWindow, _ input: [Int], _ output: [Int]
  ) -> Double {
    let reach = (0..<2).map { (window.kernel[$0] - 1) / window.strides[$0] }
    let bandwidth = Double((reach[0] * output[2] + reach[1] + 1) * output[0])
    let cholesky = 0.75 * Double(output.reduce(1, *)) * bandwidth * bandwidth
    if cholesky <= MethodChoice.choleskyLimit { return cholesky }
    let columns = input[0] * window.strides[0] * window.strides[1]
    let order = Double(2 * min(output[0], columns))
    let taps = Double(window.kernel[0] * window.kernel[1])
    var frequencies = 0.5
    for axis in 0..<2 {
      let reach = input[axis + 1] + 2 * window.kernel[axis]
      frequencies *= Double(reach / window.strides[axis] + 1)
    }
    return frequencies * order * order * (order / 6 + 8 + taps / 2)
      + taps * taps * Double(output[0] * input[0]) * order / 2
  }

  /// Operations of one application of a layer's operator.
  private static func cost(of map: LinearOperator) -> Double {
    let (inputs, outputs) = (
      Double(map.inputShape.reduce(1, *)), Double(map.outputShape.reduce(1, *))
    )
    switch map.form {
    case .dense: return inputs * outputs
    case .convolution(_, let window, let input, _):
      return outputs * Double(input[0] / window.groups * window.kernel[0] * window.kernel[1])
    case .transposedConvolution(_, let window, _, let output):
      return inputs * Double(output[0] / window.groups * window.kernel[0] * window.kernel[1])
    case .sumPool(let window, _, _): return outputs * Double(window.kernel[0] * window.kernel[1])
    case .diagonal, .copy, .centering: return inputs + outputs
    }
  }
}
