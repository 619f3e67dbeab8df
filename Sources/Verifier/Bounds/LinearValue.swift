import Enclosure

/// A value of the network as a linear function of blocks of coordinates.
struct LinearValue: Sendable {
  /// The coefficients of one block.
  struct Part: Sendable {
    /// [elements of the value, coordinates of the block], row-major.
    var elements: [Double]
    /// Bounds the norm of their error.
    var error: UpperBound
    /// Whether every column has at most one element other than 0, which is 1.
    var isUnit = false
  }

  /// The number of the value's elements.
  let count: Int
  /// By block.
  private(set) var parts: [Int: Part]

  /// A block itself.
  init(identity count: Int, block: Int = 0) {
    var elements = Array(repeating: 0.0, count: count * count)
    for i in 0..<count { elements[i * count + i] = 1 }
    self.count = count
    parts = [block: Part(elements: elements, error: .zero, isUnit: true)]
  }

  /// A square matrix times a block, row-major and without error.
  init(square elements: [Double], count: Int, block: Int = 0) {
    self.count = count
    parts = [block: Part(elements: elements, error: .zero)]
  }

  private init(count: Int, parts: [Int: Part]) { (self.count, self.parts) = (count, parts) }

  /// Whether it is small enough to go on with.
  var isSmall: Bool {
    parts.values.reduce(0) { $0 + $1.elements.count } <= MatrixBall.mostElements / 4
  }

  /// What a layer makes of values; nil for layers that cannot be part of a form.
  ///
  /// - Parameter rectified: adds a block of rectifiers with these arguments and returns its index.
  func image(
    _ node: Network.Node, _ operands: [LinearValue], _ rectified: (LinearValue) -> Int
  ) -> LinearValue? {
    switch node.form {
    case .identity: return self
    case .linear(let map, _): return map.isZero ? nil : applying(map)
    case .sum: return operands.dropFirst().reduce(self) { $0.plus($1) }
    case .concatenation(let places):
      return zip(operands, places).map { $0.placed($1, among: node.layer.count) }
        .reduce(nil) { $0?.plus($1) ?? $1 }
    case .elementwise(let slopes):
      // φ(z) = αz + ψ(z), with the quotients of ψ in [0, β − α].
      let least = slopes.lowerBound
      let width = DirectedRounding.addUp(slopes.upperBound, -least)
      guard width > 0, width.isFinite, least.isFinite else { return nil }
      let block = rectified(times(width))
      let own = LinearValue(identity: count, block: block)
      return least == 0 ? own : times(least).plus(own)
    case .comparisons(let comparisons): return compared(comparisons, rectified)
    case .nonlinear, .nonlinearNorm, .gradientStep: return nil
    }
  }

  private func applying(_ map: LinearMap) -> LinearValue {
    let size = map.profile.absoluteNorm
    let image = parts.mapValues { part in
      let width = part.elements.count / count
      var elements = Array(repeating: 0.0, count: map.outputs * width)
      elements.withUnsafeMutableBufferPointer { y in
        part.elements.withUnsafeBufferPointer { x in
          for row in 0..<map.outputs {
            map.visit(row) { column, value in
              for k in 0..<width { y[row * width + k] += value * x[column * width + k] }
            }
          }
        }
      }
      let own = Self.absoluteNorm(part.elements, width: width)
      // Products with 1 are exact.
      let rounding =
        part.isUnit ? UpperBound.zero : AccumulatedError.gamma(map.inputs + 2) * size * own
      let lost = UpperBound(proven: map.coefficientError) * size * (own + part.error)
      return Part(elements: elements, error: size * part.error + rounding + lost)
    }
    return LinearValue(count: map.outputs, parts: image)
  }

  /// Bounds ‖|V|‖ by the root of the product of the largest sums of a row and of a column.
  private static func absoluteNorm(_ elements: [Double], width: Int) -> UpperBound {
    var (columns, largest) = (Array(repeating: 0.0, count: width), 0.0)
    for row in 0..<elements.count / max(1, width) {
      var sum = 0.0
      for k in 0..<width {
        let size = elements[row * width + k].magnitude
        sum += size
        columns[k] += size
      }
      largest = max(largest, sum)
    }
    return
      (UpperBound(proven: largest) * UpperBound(proven: columns.max() ?? 0)
      * (.one + AccumulatedError.gamma(elements.count + 4))).squareRoot()
  }

  private func times(_ factor: Double) -> LinearValue {
    guard factor != 1 else { return self }
    let size = UpperBound(proven: factor.magnitude)
    return LinearValue(
      count: count,
      parts: parts.mapValues { part in
        let own = Self.absoluteNorm(part.elements, width: part.elements.count / count)
        return Part(
          elements: part.elements.map { $0 * factor },
          error: size * (part.error + AccumulatedError.gamma(1) * own))
      })
  }

  private func plus(_ other: LinearValue) -> LinearValue {
    var sum = self
    for (block, part) in other.parts {
      guard let known = parts[block] else {
        sum.parts[block] = part
        continue
      }
      let elements = zip(known.elements, part.elements).map { $0 + $1 }
      let own = Self.absoluteNorm(elements, width: elements.count / count)
      sum.parts[block] = Part(
        elements: elements, error: known.error + part.error + AccumulatedError.gamma(2) * own)
    }
    return sum
  }

  /// The value with its elements in other places, and 0 elsewhere.
  private func placed(_ places: [Int32], among total: Int) -> LinearValue {
    LinearValue(
      count: total,
      parts: parts.mapValues { part in
        let width = part.elements.count / count
        var elements = Array(repeating: 0.0, count: total * width)
        for (row, place) in places.enumerated() {
          for k in 0..<width { elements[Int(place) * width + k] = part.elements[row * width + k] }
        }
        return Part(elements: elements, error: part.error, isUnit: part.isUnit)
      })
  }

  /// Element i minus element j.
  func difference(_ i: Int, _ j: Int) -> LinearValue { differences([(i, j)]) }

  private func differences(_ pairs: [(Int, Int)]) -> LinearValue {
    LinearValue(
      count: pairs.count,
      parts: parts.mapValues { part in
        let width = part.elements.count / count
        var elements: [Double] = []
        elements.reserveCapacity(pairs.count * width)
        for (i, j) in pairs {
          for k in 0..<width {
            elements.append(part.elements[i * width + k] - part.elements[j * width + k])
          }
        }
        let root = UpperBound(proven: 2).squareRoot()
        let own = Self.absoluteNorm(elements, width: width)
        return Part(
          elements: elements, error: root * part.error + AccumulatedError.gamma(1) * own)
      })
  }

  /// The larger of a and b is b + u and the smaller a − u, with the rectifier u of a − b.
  private func compared(
    _ comparisons: Comparisons, _ rectified: (LinearValue) -> Int
  ) -> LinearValue {
    var value = self
    for pairs in comparisons.rounds {
      let block = rectified(value.differences(pairs))
      for part in value.parts.keys { value.exchange(pairs, in: part) }
      var marks = Array(repeating: 0.0, count: count * pairs.count)
      for (k, (i, j)) in pairs.enumerated() {
        marks[i * pairs.count + k] = 1
        marks[j * pairs.count + k] = -1
      }
      value.parts[block] = Part(elements: marks, error: .zero)
    }
    return value.selecting(comparisons.outputs)
  }

  private mutating func exchange(_ pairs: [(Int, Int)], in block: Int) {
    guard let part = parts[block] else { return }
    let width = part.elements.count / count
    for (i, j) in pairs {
      for k in 0..<width { parts[block]?.elements.swapAt(i * width + k, j * width + k) }
    }
  }

  private func selecting(_ rows: [Int]) -> LinearValue {
    LinearValue(
      count: rows.count,
      parts: parts.mapValues { part in
        let width = part.elements.count / count
        return Part(
          elements: rows.flatMap { part.elements[$0 * width..<($0 + 1) * width] },
          error: part.error)
      })
  }
}
