import Enclosure

/// A linear map from an earlier value of a network to a later one, along all paths that were followed.
final class PathMap {
  private indirect enum Form {
    case identity(Int)
    /// This map after a layer's matrix.
    case after(PathMap, LinearMap, constant: UpperBound)
    /// This map after the one that puts elements at some places between zeros.
    case placed(PathMap, [Int32])
    case sum(PathMap, PathMap)
    case scaled(PathMap, Double)
  }

  private let form: Form
  private let rows: Int
  private let columns: Int
  private var matrix: KnownMatrix??

  private init(_ form: Form, rows: Int, columns: Int) {
    (self.form, self.rows, self.columns) = (form, rows, columns)
  }

  /// The identity.
  static func identity(_ count: Int) -> PathMap {
    PathMap(.identity(count), rows: count, columns: count)
  }

  /// This map after a layer of a given constant; a number stays in front.
  func after(_ map: LinearMap, constant: UpperBound) -> PathMap {
    if case .scaled(let inner, let factor) = form {
      return inner.after(map, constant: constant).scaled(by: factor)
    }
    return PathMap(.after(self, map, constant: constant), rows: rows, columns: map.inputs)
  }

  /// This map after a placement of elements.
  func placed(_ places: [Int32]) -> PathMap {
    if case .scaled(let inner, let factor) = form { return inner.placed(places).scaled(by: factor) }
    return PathMap(.placed(self, places), rows: rows, columns: places.count)
  }

  /// The sum with another map.
  func plus(_ other: PathMap) -> PathMap {
    PathMap(.sum(self, other), rows: rows, columns: columns)
  }

  /// A number times the map.
  func scaled(by factor: Double) -> PathMap {
    PathMap(.scaled(self, factor), rows: rows, columns: columns)
  }

  /// The numbers that stand before the map, taken off.
  var withoutFactors: (factors: [Double], map: PathMap) {
    guard case .scaled(let inner, let factor) = form else { return ([], self) }
    let rest = inner.withoutFactors
    return ([factor.magnitude] + rest.factors, rest.map)
  }

  /// Whether the norm is certainly at most a number.
  func isBounded(by claim: Double) -> Bool {
    if case .identity = form { return claim >= 1 }
    if partsBound.value <= claim { return true }
    if let stencil {
      let rest = DirectedRounding.addDown(claim, -stencil.error.value)
      return rest >= 0 && NormCheck.isBounded(LinearMap(stencil, terms: 0), by: rest)
    }
    return written?.isBounded(by: claim) ?? false
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
  var written: KnownMatrix? {
    if let known = matrix { return known }
    let found = rows * columns <= KnownMatrix.mostElements ? write() : nil
    matrix = found
    return found
  }

  private func write() -> KnownMatrix? {
    switch form {
    case .identity(let count): KnownMatrix(identity: count)
    case .after(let outer, let map, _): outer.written?.times(map)
    case .placed(let outer, let places): outer.written?.selecting(places)
    case .scaled(let inner, let factor): inner.written?.scaled(by: factor)
    case .sum(let a, let b): a.written.flatMap { left in b.written.map { left.plus($0) } }
    }
  }
}
