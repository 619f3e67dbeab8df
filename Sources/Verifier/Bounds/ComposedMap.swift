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
  private var cachedImage: (image: Lanes, error: UpperBound)?
  private var cachedKey: Int??

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
    var (ways, visited) = ([Way](), Set<ObjectIdentifier>())
    addWays(to: &ways, factor: .one, rest: .zero, known, &visited)
    let priced = ways.map { (way: $0, cost: $0.map.cost) }
    for (way, cost) in priced.sorted(by: { $0.cost < $1.cost })
    where cost <= MatrixBall.mostExpensive {
      let number = DirectedRounding.divideDown(
        DirectedRounding.addDown(claim.value, -way.rest.claimed.value), way.factor.claimed.value)
      let norm = DirectedRounding.multiplyUp(max(0, number), BoundCheck.tolerance)
      guard !known.isHopeless(way.map.key(known), norm) else { continue }
      if way.map.isJointlyBounded(by: norm, workers) {
        let joint = ClaimedBound(
          claimed: UpperBound(proven: max(0, number)), proved: UpperBound(proven: norm))
        known.add(joint, for: way.map.key(known))
        return (joint * way.factor + way.rest).proved
      }
    }
    return nil
  }

  /// The map itself and, of compositions and sums, each part with the other ones by what is known of them.
  ///
  /// A part that several paths lead through is taken once.
  private func addWays(
    to ways: inout [Way], factor: ClaimedBound, rest: ClaimedBound, _ known: KnownNorms,
    _ visited: inout Set<ObjectIdentifier>
  ) {
    guard visited.insert(ObjectIdentifier(self)).inserted else { return }
    switch form {
    case .identity: break
    case .after(let outer, let layer, let constant):
      // The norm of a layer alone has been checked.
      if case .identity = outer.form { break }
      ways.append(Way(map: self, factor: factor, rest: rest))
      addInnerWays(to: &ways, layer, constant, outer, factor: factor, rest: rest, known)
      outer.addWays(to: &ways, factor: constant * factor, rest: rest, known, &visited)
    case .placed(let outer, _):
      ways.append(Way(map: self, factor: factor, rest: rest))
      outer.addWays(to: &ways, factor: factor, rest: rest, known, &visited)
    case .scaled(let inner, let number):
      ways.append(Way(map: self, factor: factor, rest: rest))
      let size = ClaimedBound(UpperBound(proven: number.magnitude))
      inner.addWays(to: &ways, factor: size * factor, rest: rest, known, &visited)
    case .sum(let a, let b):
      ways.append(Way(map: self, factor: factor, rest: rest))
      for (part, other) in [(a, b), (b, a)] {
        let rest = other.partsBound(known) * factor + rest
        part.addWays(to: &ways, factor: factor, rest: rest, known, &visited)
      }
    }
  }

  /// The outermost layers by what is known of them and the others jointly.
  private func addInnerWays(
    to ways: inout [Way], _ layer: MapFactor, _ constant: ClaimedBound, _ outer: ComposedMap,
    factor: ClaimedBound, rest: ClaimedBound, _ known: KnownNorms
  ) {
    var inner = Self.identity(layer.map.outputs).after(layer, constant: constant)
    var before = outer
    while case .after(let next, let other, let constant) = before.form {
      if case .identity = next.form { break }
      inner = Self.identity(other.map.outputs).after(other, constant: constant).followed(inner)
      ways.append(Way(map: inner, factor: next.partsBound(known) * factor, rest: rest))
      before = next
    }
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
    var found: [ObjectIdentifier: ClaimedBound] = [:]
    return partsBound(known, &found)
  }

  private func partsBound(
    _ known: KnownNorms, _ found: inout [ObjectIdentifier: ClaimedBound]
  ) -> ClaimedBound {
    if let bound = found[ObjectIdentifier(self)] { return bound }
    let parts: ClaimedBound =
      switch form {
      case .identity: .one
      case .after(let outer, _, let constant): outer.partsBound(known, &found) * constant
      case .placed(let outer, _): outer.partsBound(known, &found)
      case .sum(let a, let b): a.partsBound(known, &found) + b.partsBound(known, &found)
      case .scaled(let inner, let factor):
        ClaimedBound(UpperBound(proven: factor.magnitude)) * inner.partsBound(known, &found)
      }
    let bound = known[key(known)].map { .least($0, parts) } ?? parts
    found[ObjectIdentifier(self)] = bound
    return bound
  }

  /// Says of which layers the map consists: equal keys mean equal maps.
  ///
  /// Nil if there is more to it.
  private func key(_ known: KnownNorms) -> Int? {
    if let cachedKey { return cachedKey }
    let description: String? =
      switch form {
      case .identity: "1"
      case .after(let outer, let factor, _): outer.key(known).map { "\($0) after \(factor.name)" }
      case .sum(let a, let b):
        a.key(known).flatMap { left in b.key(known).map { "\(left) + \($0)" } }
      case .scaled(let inner, let factor): inner.key(known).map { "\($0) times \(factor)" }
      case .placed: nil
      }
    let key = description.map(known.key)
    cachedKey = .some(key)
    return key
  }

  /// About the multiplications that a joint bound takes; ∞ if the map is too large for one.
  private var cost: Double {
    if let stencil { return min(Torus(stencil).cost, Gram.cost(of: stencil)) }
    return matrixCost
  }

  private var matrixCost: Double {
    guard rows <= MatrixBall.mostElements / columns else { return .infinity }
    let isTransposed = columns < rows
    return Double(min(rows, columns)) * steps(isTransposed: isTransposed).cost
      + MatrixBall.cost(rows: rows, columns: columns)
  }

  private func isJointlyBounded(by claim: Double, _ workers: Workers) -> Bool {
    if let stencil { return NormCheck.isBounded(stencil, by: claim, workers) }
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
  private var keys: [String: Int] = [:]
  private var norms: [Int: ClaimedBound] = [:]

  /// A number for a description, other ones for others.
  func key(_ description: String) -> Int {
    let key = keys[description] ?? keys.count
    keys[description] = key
    return key
  }

  subscript(key: Int?) -> ClaimedBound? { key.flatMap { norms[$0] } }

  func add(_ norm: ClaimedBound, for key: Int?) {
    if let key { norms[key] = norms[key].map { .least($0, norm) } ?? norm }
  }

  /// Whether a smaller number than was shown for the same map before is asked for: norms that are claimed are near
  /// the true ones, so it is not tried.
  func isHopeless(_ key: Int?, _ number: Double) -> Bool {
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
      && Double(rows) * steps(isTransposed: false).cost <= MatrixBall.mostExpensive
    let found = isPossible ? matrix(isTransposed: false, workers) : nil
    cachedRows = found
    return found
  }

  /// - Parameter isTransposed: whether columns are computed; rows that are known take no steps.
  private func steps(isTransposed: Bool) -> MapSteps {
    var (steps, places): ([MapSteps.Step], [ObjectIdentifier: Int]) = ([], [:])
    _ = addSteps(to: &steps, &places, usesRows: !isTransposed)
    return MapSteps(steps)
  }

  /// Adds the steps that lead to the map, unless they are there, and gives its place.
  private func addSteps(
    to steps: inout [MapSteps.Step], _ places: inout [ObjectIdentifier: Int], usesRows: Bool
  ) -> Int {
    if let known = places[ObjectIdentifier(self)] { return known }
    func place(_ map: ComposedMap) -> Int {
      map.addSteps(to: &steps, &places, usesRows: usesRows)
    }
    let step: MapSteps.Step
    if usesRows, let cachedImage {
      step = .known(cachedImage.image, error: cachedImage.error)
    } else {
      switch form {
      case .identity: return 0
      case .after(let outer, let factor, let constant):
        step = .after(place(outer), factor, norm: constant.proved)
      case .placed(let outer, let chosen):
        step = .placed(place(outer), chosen, among: outer.columns)
      case .sum(let a, let b): step = .sum(place(a), place(b))
      case .scaled(let inner, let factor): step = .scaled(place(inner), by: factor)
      }
    }
    steps.append(step)
    places[ObjectIdentifier(self)] = steps.count
    return steps.count
  }

  /// The matrix or its transpose.
  ///
  /// Of matrices with few rows, all are computed at once, and kept for longer compositions.
  private func matrix(isTransposed: Bool, _ workers: Workers) -> MatrixBall {
    let steps = steps(isTransposed: isTransposed)
    let (height, length) = isTransposed ? (columns, rows) : (rows, columns)
    let panels = (height + Lanes.width - 1) / Lanes.width
    var elements = Array(repeating: 0.0, count: height * length)
    let found = elements.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let base = buffer.baseAddress!
      return workers.map(panels) { panel in
        let lines = panel * Lanes.width..<min((panel + 1) * Lanes.width, height)
        let unit = Lanes(height, repeating: 0)
        for line in lines { unit[line, line - lines.lowerBound] = 1 }
        var sizes: [Double] = []
        let image = isTransposed ? steps.columns(of: unit, &sizes) : steps.rows(of: unit, &sizes)
        for line in lines {
          let (row, first) = (base + line * length, image.base + line - lines.lowerBound)
          for place in 0..<length { row[place] = first[place * Lanes.width] }
        }
        return (image: panels == 1 ? image : nil, sizes: sizes)
      }
    }
    let norms = found.dropFirst().reduce(found[0].sizes) { zip($0, $1.sizes).map(+) }
      .map(Self.norm)
    let error = isTransposed ? steps.columnError(norms) : steps.rowError(norms)
    if !isTransposed, let image = found[0].image { cachedImage = (image, error) }
    return MatrixBall(rows: height, columns: length, elements: elements, error: error)
  }

  /// The Frobenius norm from a sum of far fewer than 2²⁸ squares.
  private static func norm(_ squares: Double) -> UpperBound {
    (UpperBound(proven: squares) * UpperBound(proven: 1 + 0x1p-24)
      + UpperBound(proven: 0x1p-1000)).squareRoot()
  }
}
