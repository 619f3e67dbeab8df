import Enclosure

/// A linear map from an earlier value of a network to a later one: a sum of compositions of layers.
final class ComposedMap {
  private indirect enum Form {
    case identity(Int)
    /// This map after a layer's matrix.
    case after(ComposedMap, LinearMap, constant: UpperBound)
    /// This map after the one that puts elements at some places between zeros.
    case placed(ComposedMap, [Int32])
    case sum(ComposedMap, ComposedMap)
    case scaled(ComposedMap, Double)
  }

  private let form: Form
  private let rows: Int
  private let columns: Int
  private var cachedMatrix: MatrixBall??

  private init(_ form: Form, rows: Int, columns: Int) {
    (self.form, self.rows, self.columns) = (form, rows, columns)
  }

  /// The identity.
  static func identity(_ count: Int) -> ComposedMap {
    ComposedMap(.identity(count), rows: count, columns: count)
  }

  /// This map after a layer of a given constant; a factor stays outermost.
  func after(_ map: LinearMap, constant: UpperBound) -> ComposedMap {
    if case .scaled(let inner, let factor) = form {
      return inner.after(map, constant: constant).scaled(by: factor)
    }
    return ComposedMap(.after(self, map, constant: constant), rows: rows, columns: map.inputs)
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

  /// A bound of the norm that is a claim, but for the rounding of what it was computed from; nil if none
  /// could be shown.
  func bound(near claim: UpperBound) -> UpperBound? {
    guard claim.isFinite else { return claim }
    let parts = partsBound
    // Each part may be off by its own tolerance.
    if parts.value <= DirectedRounding.multiplyDown(claim.value, 1 + 0x1p-24) { return parts }
    let number = DirectedRounding.multiplyUp(claim.value, BoundCheck.tolerance)
    if isJointlyBounded(by: number) { return UpperBound(proven: number) }
    let product = DirectedRounding.multiplyUp(number, BoundCheck.tolerance)
    return isProductBounded(by: product) ? UpperBound(proven: product) : nil
  }

  private func isJointlyBounded(by claim: Double) -> Bool {
    if let stencil {
      let rest = DirectedRounding.addDown(claim, -stencil.error.value)
      return rest >= 0 && NormCheck.isBounded(LinearMap(stencil, terms: 0), by: rest)
    }
    return matrix?.isBounded(by: claim) ?? false
  }

  /// Whether a composition has two parts, one bounded by its layers' constants and the other jointly, with
  /// a product that is small enough.
  private func isProductBounded(by claim: Double) -> Bool {
    let layers = composition
    return layers.indices.dropFirst().contains { place in
      let parts = [layers[..<place], layers[place...]].map { part in
        part.reduce(Self.identity(part.first?.map.outputs ?? 0)) {
          $0.after($1.map, constant: $1.constant)
        }
      }
      return zip(parts, parts.reversed()).contains { known, other in
        other.composition.count > 1
          && other.isJointlyBounded(
            by: DirectedRounding.divideDown(claim, known.partsBound.value))
      }
    }
  }

  /// The layers that follow each other, the last first; empty if there is more to the map.
  private var composition: [(map: LinearMap, constant: UpperBound)] {
    guard case .after(let outer, let map, let constant) = form else { return [] }
    if case .identity = outer.form { return [(map, constant)] }
    let rest = outer.composition
    return rest.isEmpty ? [] : rest + [(map, constant)]
  }

  /// ‖A∘B‖ ≤ ‖A‖‖B‖ and ‖A + B‖ ≤ ‖A‖ + ‖B‖, from the layers' own constants.
  private var partsBound: UpperBound {
    switch form {
    case .identity: .one
    case .after(let outer, _, let constant): outer.partsBound * constant
    case .placed(let outer, _): outer.partsBound
    case .sum(let a, let b): a.partsBound + b.partsBound
    case .scaled(let inner, let factor): UpperBound(proven: factor.magnitude) * inner.partsBound
    }
  }

  /// The map as one of images; nil where it is none.
  private var stencil: Stencil? {
    switch form {
    case .after(let outer, let map, _):
      if case .identity = outer.form { return map.stencil }
      return map.stencil.flatMap { outer.stencil?.after($0) }
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

  /// The matrix; nil where it would be too large.
  var matrix: MatrixBall? {
    if let known = cachedMatrix { return known }
    let found = rows * columns <= MatrixBall.mostElements ? multiplied() : nil
    cachedMatrix = found
    return found
  }

  private func multiplied() -> MatrixBall? {
    switch form {
    case .identity(let count): MatrixBall(identity: count)
    case .after(let outer, let map, _): outer.matrix?.times(map)
    case .placed(let outer, let places): outer.matrix?.selecting(places)
    case .scaled(let inner, let factor): inner.matrix?.scaled(by: factor)
    case .sum(let a, let b): a.matrix.flatMap { left in b.matrix.map { left.plus($0) } }
    }
  }
}
