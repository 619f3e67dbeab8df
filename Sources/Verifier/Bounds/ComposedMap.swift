import Enclosure
import MatrixProducts

/// A linear map from an earlier value of a network to a later one: a sum of compositions of layers.
final class ComposedMap {
  private indirect enum Form {
    case identity
    /// This map after a layer's matrix.
    case after(ComposedMap, MapFactor, constant: ClaimedBound)
    /// This map after the one that puts elements at some places between zeros.
    case placed(ComposedMap, [Int32])
    case sum(ComposedMap, ComposedMap)
    case scaled(ComposedMap, Double)
  }

  private let form: Form
  private let rows: Int
  private let columns: Int
  private var cachedRows: MatrixBall??
  private var cachedStencil: Stencil??
  private var cachedImage: (image: Lanes, sizes: [Double])?

  private init(_ form: Form, rows: Int, columns: Int) {
    (self.form, self.rows, self.columns) = (form, rows, columns)
  }

  /// The identity.
  static func identity(_ count: Int) -> ComposedMap {
    ComposedMap(.identity, rows: count, columns: count)
  }

  /// This map after a layer of a given constant; a factor stays outermost.
  func after(_ factor: MapFactor, constant: ClaimedBound) -> ComposedMap {
    if case .scaled(let inner, let number) = form {
      return inner.after(factor, constant: constant).scaled(by: number)
    }
    return ComposedMap(
      .after(self, factor, constant: constant), rows: rows, columns: factor.map.inputs)
  }

  /// This map after a placement of elements.
  func placed(_ places: [Int32]) -> ComposedMap {
    if case .scaled(let inner, let factor) = form { return inner.placed(places).scaled(by: factor) }
    return ComposedMap(.placed(self, places), rows: rows, columns: places.count)
  }

  /// The sum with another map.
  func plus(_ other: ComposedMap) -> ComposedMap {
    ComposedMap(.sum(self, other), rows: rows, columns: columns)
  }

  /// A number times the map.
  func scaled(by factor: Double) -> ComposedMap {
    ComposedMap(.scaled(self, factor), rows: rows, columns: columns)
  }

  /// The factors outside the map, and the map without them.
  var withoutFactors: (factors: [Double], map: ComposedMap) {
    guard case .scaled(let inner, let factor) = form else { return ([], self) }
    let rest = inner.withoutFactors
    return ([factor.magnitude] + rest.factors, rest.map)
  }
}

/// Norms.
extension ComposedMap {
  /// One way to show a bound: `map` jointly, and the other parts by norms that are known, so that the whole
  /// is at most ‖map‖·factor + rest.
  private struct Way {
    let map: ComposedMap
    let factor: ClaimedBound
    let rest: ClaimedBound
  }

  /// What is proved of the norm, at most a claim up to the tolerance of norms.
  ///
  /// The cheapest way is tried first. Nil if nothing could be shown.
  func bound(near claim: UpperBound, _ known: KnownNorms, _ workers: Workers) -> UpperBound? {
    guard claim.isFinite else { return claim }
    let parts = partsBound(known)
    if parts.isWithin(claim) { return parts.proved }
    let ways = ways(factor: .one, rest: .zero, known).map { (way: $0, cost: $0.map.cost) }
    for (way, cost) in ways.sorted(by: { $0.cost < $1.cost }) where cost <= MatrixBall.mostExpensive
    {
      let number = DirectedRounding.divideDown(
        DirectedRounding.addDown(claim.value, -way.rest.claimed.value), way.factor.claimed.value)
      let norm = DirectedRounding.multiplyUp(max(0, number), BoundCheck.tolerance)
      guard !known.isHopeless(way.map.key, norm) else { continue }
      if way.map.isJointlyBounded(by: norm, workers) {
        let joint = ClaimedBound(
          claimed: UpperBound(proven: max(0, number)), proved: UpperBound(proven: norm))
        known.add(joint, for: way.map.key)
        return (joint * way.factor + way.rest).proved
      }
    }
    return nil
  }

  /// The map itself and, of compositions and sums, each part with the other ones by what is known of them.
  private func ways(factor: ClaimedBound, rest: ClaimedBound, _ known: KnownNorms) -> [Way] {
    var ways = [Way(map: self, factor: factor, rest: rest)]
    switch form {
    case .identity: return []
    case .after(let outer, let layer, let constant):
      // The norm of a layer alone has been checked.
      if case .identity = outer.form { return [] }
      ways += outer.ways(factor: constant * factor, rest: rest, known)
      // The outermost layers by what is known and the others jointly.
      var (inner, before) = (
        Self.identity(layer.map.outputs).after(layer, constant: constant), outer
      )
      while case .after(let next, let other, let constant) = before.form {
        if case .identity = next.form { break }
        inner = Self.identity(other.map.outputs).after(other, constant: constant).followed(inner)
        ways.append(Way(map: inner, factor: next.partsBound(known) * factor, rest: rest))
        before = next
      }
    case .placed(let outer, _): ways += outer.ways(factor: factor, rest: rest, known)
    case .scaled(let inner, let number):
      let size = ClaimedBound(UpperBound(proven: number.magnitude))
      ways += inner.ways(factor: size * factor, rest: rest, known)
    case .sum(let a, let b):
      ways += a.ways(factor: factor, rest: b.partsBound(known) * factor + rest, known)
      ways += b.ways(factor: factor, rest: a.partsBound(known) * factor + rest, known)
    }
    return ways
  }

  /// This map, a composition of layers, after which another one is applied to the input first.
  private func followed(_ inner: ComposedMap) -> ComposedMap {
    inner.layers.reduce(self) { $0.after($1.factor, constant: $1.constant) }
  }

  /// The layers of a composition, the last first.
  private var layers: [(factor: MapFactor, constant: ClaimedBound)] {
    guard case .after(let outer, let factor, let constant) = form else { return [] }
    return outer.layers + [(factor, constant)]
  }

  /// ‖A∘B‖ ≤ ‖A‖‖B‖ and ‖A + B‖ ≤ ‖A‖ + ‖B‖, from the layers' own constants and from norms that have been
  /// shown before.
  private func partsBound(_ known: KnownNorms) -> ClaimedBound {
    let parts: ClaimedBound =
      switch form {
      case .identity: .one
      case .after(let outer, _, let constant): outer.partsBound(known) * constant
      case .placed(let outer, _): outer.partsBound(known)
      case .sum(let a, let b): a.partsBound(known) + b.partsBound(known)
      case .scaled(let inner, let factor):
        ClaimedBound(UpperBound(proven: factor.magnitude)) * inner.partsBound(known)
      }
    return known[key].map { .least($0, parts) } ?? parts
  }

  /// Says of which layers the map consists: equal keys mean equal maps.
  ///
  /// Nil if there is more to it.
  private var key: String? {
    switch form {
    case .identity: "1"
    case .after(let outer, let factor, _):
      outer.key.map { "\($0) \(factor.name)" }
    case .sum(let a, let b): a.key.flatMap { left in b.key.map { "(\(left) + \($0))" } }
    case .scaled(let inner, let factor): inner.key.map { "\(factor)(\($0))" }
    case .placed: nil
    }
  }

  /// About the multiplications that a joint bound takes; ∞ if the map is too large for one.
  private var cost: Double {
    if let stencil { return min(Torus(stencil).cost, matrixCost) }
    return matrixCost
  }

  private var matrixCost: Double {
    guard rows <= MatrixBall.mostElements / columns else { return .infinity }
    return Double(min(rows, columns)) * layerCost
      + MatrixBall.cost(rows: rows, columns: columns)
  }

  /// Multiplications for one vector.
  private var layerCost: Double {
    switch form {
    case .identity: 0
    case .after(let outer, let factor, _): outer.layerCost + factor.cost
    case .placed(let outer, _): outer.layerCost
    case .sum(let a, let b): a.layerCost + b.layerCost
    case .scaled(let inner, _): inner.layerCost
    }
  }

  private func isJointlyBounded(by claim: Double, _ workers: Workers) -> Bool {
    if let stencil {
      let rest = DirectedRounding.addDown(claim, -stencil.error.value)
      return rest >= 0 && NormCheck.isBounded(LinearMap(stencil, terms: 0), by: rest, workers)
    }
    return matrix(isTransposed: columns < rows, workers).isBounded(by: claim, workers)
  }

  /// The map as one of images; nil where it is none.
  private var stencil: Stencil? {
    if let known = cachedStencil { return known }
    let found = foldedStencil
    cachedStencil = found
    return found
  }

  private var foldedStencil: Stencil? {
    switch form {
    case .after(let outer, let factor, _):
      if case .identity = outer.form { return factor.map.stencil }
      return factor.map.stencil.flatMap { outer.stencil?.after($0) }
    case .sum(let a, let b):
      guard let known = a.stencil ?? b.stencil else { return nil }
      guard let left = a.stencil ?? a.identity(like: known),
        let right = b.stencil ?? b.identity(like: known)
      else { return nil }
      return left.plus(right)
    case .scaled(let inner, let factor): return inner.stencil?.scaled(by: factor)
    case .identity, .placed: return nil
    }
  }

  /// An identity takes its image from the other part of a sum.
  private func identity(like other: Stencil) -> Stencil? {
    guard case .identity = form, other.input == other.output else { return nil }
    return Stencil(
      factors: Array(repeating: 1, count: other.input[0]), relativeError: 0, other.input)
  }
}

/// Norms of composed maps that have been shown, so that larger maps can be bounded by them.
final class KnownNorms {
  private var norms: [String: ClaimedBound] = [:]

  subscript(key: String?) -> ClaimedBound? { key.flatMap { norms[$0] } }

  func add(_ norm: ClaimedBound, for key: String?) {
    if let key { norms[key] = norms[key].map { .least($0, norm) } ?? norm }
  }

  /// Whether a smaller number than was shown for the same map before is asked for: norms that are claimed are near
  /// the true ones, so it is not tried.
  func isHopeless(_ key: String?, _ number: Double) -> Bool {
    self[key].map { number < $0.claimed.value * 0.999 } ?? false
  }
}

/// Explicit matrices, sixteen rows or columns at a time.
extension ComposedMap {
  /// The rows of the matrix; nil where it would be too large.
  func rows(_ workers: Workers) -> MatrixBall? {
    if let known = cachedRows { return known }
    let isPossible =
      rows <= MatrixBall.mostElements / columns
      && Double(rows) * layerCost <= MatrixBall.mostExpensive
    let found = isPossible ? matrix(isTransposed: false, workers) : nil
    cachedRows = found
    return found
  }

  /// The matrix or its transpose.
  private func matrix(isTransposed: Bool, _ workers: Workers) -> MatrixBall {
    let (height, length) = isTransposed ? (columns, rows) : (rows, columns)
    nonisolated(unsafe) let map = self
    var elements = Array(repeating: 0.0, count: height * length)
    let sizes = elements.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress!
      return workers.map((height + Lanes.width - 1) / Lanes.width) { panel in
        let start = panel * Lanes.width
        let unit = Lanes(height, repeating: 0)
        for row in start..<min(start + Lanes.width, height) { unit[row, row - start] = 1 }
        var sizes: [Double] = []
        let image = map.image(of: unit, isAdjoint: !isTransposed, &sizes)
        for row in start..<min(start + Lanes.width, height) {
          for column in 0..<length { base[row * length + column] = image[column, row - start] }
        }
        return sizes
      }
    }
    var norms = sizes.dropFirst().reduce(sizes[0]) { zip($0, $1).map(+) }.map(Self.norm)[...]
    let error = error(of: .zero, isAdjoint: !isTransposed, &norms)
    return MatrixBall(rows: height, columns: length, elements: elements, error: error)
  }

  /// The Frobenius norm from a sum of far fewer than 2²⁸ squares.
  private static func norm(_ squares: Double) -> UpperBound {
    (UpperBound(proven: squares) * UpperBound(proven: 1 + 0x1p-24)
      + UpperBound(proven: 0x1p-1000)).squareRoot()
  }

  private static func squares(_ x: Lanes) -> Double {
    (0..<x.count * Lanes.width).reduce(0) { $0 + x.base[$1] * x.base[$1] }
  }

  /// A x or Aᵀ x, with the sums of squares of what is computed on the way.
  ///
  /// For matrices with few rows all rows are multiplied at once, and the results are kept for longer compositions.
  private func image(of x: Lanes, isAdjoint: Bool, _ sizes: inout [Double]) -> Lanes {
    guard isAdjoint, rows <= Lanes.width else {
      return computedImage(of: x, isAdjoint: isAdjoint, &sizes)
    }
    if let known = cachedImage {
      sizes += known.sizes
      return known.image
    }
    let count = sizes.count
    let image = computedImage(of: x, isAdjoint: true, &sizes)
    cachedImage = (image, Array(sizes[count...]))
    return image
  }

  private func computedImage(of x: Lanes, isAdjoint: Bool, _ sizes: inout [Double]) -> Lanes {
    switch form {
    case .identity: return x
    case .after(let outer, let factor, _):
      let operand = isAdjoint ? outer.image(of: x, isAdjoint: true, &sizes) : x
      sizes.append(Self.squares(operand))
      let product = factor.times(operand, isAdjoint: isAdjoint)
      return isAdjoint ? product : outer.image(of: product, isAdjoint: false, &sizes)
    case .placed(let outer, let places):
      if isAdjoint {
        return outer.image(of: x, isAdjoint: true, &sizes).selecting(places)
      }
      return outer.image(of: x.placed(places, among: outer.columns), isAdjoint: false, &sizes)
    case .sum(let a, let b):
      let parts = [a, b].map { $0.image(of: x, isAdjoint: isAdjoint, &sizes) }
      sizes += parts.map(Self.squares)
      return parts[0].plus(parts[1])
    case .scaled(let inner, let factor):
      let image = inner.image(of: x, isAdjoint: isAdjoint, &sizes)
      sizes.append(Self.squares(image))
      return image.scaled(by: factor)
    }
  }

  /// The error of an image whose operand has one.
  ///
  /// |fl(RA) − RA| ≤ γ|R||A|, and as much again for each
  /// unit roundoff that coefficients are off. `norms` are those of what was computed on the way.
  private func error(
    of operand: UpperBound, isAdjoint: Bool, _ norms: inout ArraySlice<UpperBound>
  ) -> UpperBound {
    let unit = UpperBound(proven: AccumulatedError.unitRoundoff)
    // Products that underflow, far fewer than 2⁹⁰.
    let underflow = UpperBound(proven: 0x1p-900)
    switch form {
    case .identity: return operand
    case .after(let outer, let factor, _):
      let before = isAdjoint ? outer.error(of: operand, isAdjoint: true, &norms) : operand
      let size = factor.absoluteNorm
      let own = factor.roundingError(isAdjoint: isAdjoint) * norms.removeFirst() * size
      let relative = UpperBound(proven: 1 + factor.map.coefficientError)
      let after = before * size * relative + own + underflow
      return isAdjoint ? after : outer.error(of: after, isAdjoint: false, &norms)
    case .placed(let outer, _):
      return outer.error(of: operand, isAdjoint: isAdjoint, &norms)
    case .sum(let a, let b):
      let parts = [a, b].map { $0.error(of: operand, isAdjoint: isAdjoint, &norms) }
      let sizes = norms.removeFirst() + norms.removeFirst()
      return parts[0] + parts[1] + unit * sizes
    case .scaled(let inner, let factor):
      let error = inner.error(of: operand, isAdjoint: isAdjoint, &norms)
      return UpperBound(proven: factor.magnitude) * (error + unit * norms.removeFirst()) + underflow
    }
  }
}

extension Lanes {
  /// The elements at some places, in their order.
  fileprivate func selecting(_ places: [Int32]) -> Lanes {
    let result = Lanes(unfilled: places.count)
    for (index, place) in places.enumerated() {
      (result.base + index * Self.width).update(
        from: base + Int(place) * Self.width, count: Self.width)
    }
    return result
  }

  /// The elements at some places among as many zeros as are needed.
  fileprivate func placed(_ places: [Int32], among total: Int) -> Lanes {
    let result = Lanes(total, repeating: 0)
    for (index, place) in places.enumerated() {
      (result.base + Int(place) * Self.width).update(
        from: base + index * Self.width, count: Self.width)
    }
    return result
  }

  fileprivate func plus(_ other: Lanes) -> Lanes {
    let result = Lanes(unfilled: count)
    for i in 0..<count * Self.width { result.base[i] = base[i] + other.base[i] }
    return result
  }

  fileprivate func scaled(by factor: Double) -> Lanes {
    let result = Lanes(unfilled: count)
    for i in 0..<count * Self.width { result.base[i] = base[i] * factor }
    return result
  }
}
