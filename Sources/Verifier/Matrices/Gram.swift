import Enclosure
import MatrixProducts

/// AAᵀ for a linear map A, in an order of rows in which elements far from the diagonal are 0.
struct Gram {
  private let map: LinearMap
  /// Where each row of A goes, and the row at each place.
  private let places: [Int]
  private let rows: [Int]
  private let firsts: [Int]

  /// - Parameters:
  ///   - transposed: Aᵀ.
  ///   - image: the shape of the rows if they are an image; its order (h, w, channel) is tried too.
  init(_ map: LinearMap, transposed: LinearMap, image: [Int]?) {
    self.map = map
    let area = image.map { $0[1] * $0[2] } ?? 1
    let count = map.outputs
    let natural = Array(0..<count)
    let byPlace = natural.map { $0 % area * (count / area) + $0 / area }
    let orders = (area > 1 && area < count ? [natural, byPlace] : [natural]).map {
      ($0, Self.firsts(transposed, $0))
    }
    (places, firsts) = orders.min {
      SymmetricMatrix.cost(firsts: $0.1) < SymmetricMatrix.cost(firsts: $1.1)
    }!
    var rows = natural
    for (row, place) in places.enumerated() { rows[place] = row }
    self.rows = rows
  }

  /// About the multiplications of a factorization.
  var cost: Double { SymmetricMatrix.cost(firsts: firsts) }

  /// About the multiplications that the cheaper Gram matrix of a map of images and its factorization take, or
  /// that could be done while elements are sought for them.
  static func cost(of stencil: Stencil) -> Double {
    let spans = (0..<2).map { axis in
      let offsets = stencil.taps.map { $0.offset[axis] }
      return (offsets.max() ?? 0) - (offsets.min() ?? 0)
    }
    let reach = zip(spans, stencil.stride).map { $0 / $1 }
    let (input, output) = (stencil.input, stencil.output)
    return min(
      cost(rows: output, columns: input, reach: reach, stencil),
      cost(rows: input, columns: output, reach: spans, stencil))
  }

  /// - Parameter reach: how far apart, by axis, positions may be whose rows meet.
  private static func cost(
    rows image: [Int], columns: [Int], reach: [Int], _ stencil: Stencil
  ) -> Double {
    let count = Double(image.reduce(1, *))
    let near = Double(min(reach[0], image[1]) * image[2] + min(reach[1], image[2]) + 1)
    let band = min(near * Double(image[0]), count / Double(stencil.groups))
    let rowLength = Double(stencil.count) / count
    let search = count * (Double(stencil.count) / 200 + Double(columns.reduce(1, *)))
    return count * band * (min(band / 2, count / 6) + rowLength / 2) + search
  }

  /// The first column of each row that has an element: rows meet in the columns of A.
  private static func firsts(_ transposed: LinearMap, _ places: [Int]) -> [Int] {
    guard !transposed.isFull else { return Array(repeating: 0, count: places.count) }
    var firsts = Array(0..<transposed.inputs)
    for column in 0..<transposed.outputs {
      var least = transposed.inputs
      transposed.visit(column) { row, value in
        if value != 0 { least = min(least, places[row]) }
      }
      transposed.visit(column) { row, value in
        if value != 0 { firsts[places[row]] = min(firsts[places[row]], least) }
      }
    }
    return firsts
  }

  /// Whether c²I − AAᵀ is certainly positive semidefinite.
  ///
  /// Coefficients with a relative error of s change the norm by at most s‖|A|‖. An element of the computed
  /// matrix has as many roundings as a row of A has elements other than 0.
  ///
  /// - Parameter profile: that of the map.
  func isBounded(
    by claim: Double, _ profile: LinearMap.Profile, _ workers: Workers
  ) -> Bool {
    let lost = UpperBound(proven: map.coefficientError) * profile.absoluteNorm
    let claim = DirectedRounding.addDown(claim, -lost.value)
    guard claim >= 0, var matrix = SymmetricMatrix(firsts: firsts) else { return false }
    let square = DirectedRounding.multiplyDown(claim, claim)
    subtract(from: &matrix, workers)
    for i in 0..<matrix.order { matrix[i, i] += square }
    let size = profile.absoluteNorm * profile.absoluteNorm
    // The diagonal c² − ĝ is rounded once, by at most c² + ĝ.
    let rounding =
      AccumulatedError.gamma(profile.rowCount + 4) * (UpperBound(proven: square) + size + size)
    let shift = matrix.factorizationError + rounding + UpperBound(proven: 0x1p-900)
    return shift.isFinite && matrix.factorize(minus: shift.value, workers)
  }

  /// Sixteen columns of −AAᵀ at a time: A times sixteen of its rows.
  private func subtract(from matrix: inout SymmetricMatrix, _ workers: Workers) {
    let packed = PackedMap(map)
    matrix.withElements { base, index in
      nonisolated(unsafe) let (base, index) = (base, index)
      workers.forEach((rows.count + Lanes.width - 1) / Lanes.width) { panel in
        let start = panel * Lanes.width
        let columns = start..<min(start + Lanes.width, rows.count)
        let x = Lanes(map.inputs, repeating: 0)
        var isZero = Array(repeating: true, count: map.inputs)
        for column in columns {
          map.visit(rows[column]) { element, value in
            x[element, column - start] = value
            if value != 0 { isZero[element] = false }
          }
        }
        packed.multiply(sparse: x, isZero: isZero, where: { isBelow($0, start) }) { row, sums in
          let place = places[Int(row)]
          for column in columns where column <= place && firsts[place] <= column {
            base[index(place, column)] = -sums[column - start]
          }
        }
      }
    }
  }

  private func isBelow(_ block: [Int32], _ column: Int) -> Bool {
    for row in block where places[Int(row)] >= column { return true }
    return false
  }
}

/// A second way, without products of matrices, for a sample of the elements.
extension Gram {
  /// The most rows of a sample.
  private static let sample = 48

  /// Whether plain sums of products agree with AAᵀ and with the factorization of c²I − AAᵀ, for a c that is large
  /// enough, within what rounding allows.
  func isConfirmed(_ profile: LinearMap.Profile, _ workers: Workers) -> Bool {
    let size = (profile.absoluteNorm * profile.absoluteNorm).value
    guard size > 0, size.isFinite else { return true }
    guard var matrix = SymmetricMatrix(firsts: firsts) else { return false }
    subtract(from: &matrix, workers)
    let order = rows.count
    let chosen = (0..<min(order, Self.sample)).map { $0 * order / min(order, Self.sample) }
    let pairs = chosen.flatMap { i in chosen.filter { $0 <= i }.map { (i, $0) } }
    let products = pairs.map { plainProduct($0, $1) }
    for ((i, j), product) in zip(pairs, products) {
      let found = j >= matrix.first(i) ? -matrix[i, j] : 0
      let room = Double(map.inputs + 8) * 0x1p-51 * product.size + 0x1p-900
      guard (found - product.sum).magnitude <= room else { return false }
    }
    for i in 0..<order { matrix[i, i] += 2 * size }
    guard matrix.factorize(minus: 0, workers) else { return false }
    for ((i, j), product) in zip(pairs, products) {
      var sum = 0.0
      for k in min(j + 1, max(matrix.first(i), matrix.first(j)))..<j + 1 {
        sum += matrix[i, k] * matrix[j, k]
      }
      let exact = (i == j ? 2 * size : 0) - product.sum
      guard (sum - exact).magnitude <= Double(order + map.inputs + 64) * 0x1p-49 * size else {
        return false
      }
    }
    return true
  }

  /// The inner product of two rows of A, and the sum of its magnitudes.
  private func plainProduct(_ i: Int, _ j: Int) -> (sum: Double, size: Double) {
    var row: [Int: Double] = [:]
    map.visit(rows[i]) { row[$0] = $1 }
    var (sum, size) = (0.0, 0.0)
    map.visit(rows[j]) { column, value in
      let product = value * (row[column] ?? 0)
      (sum, size) = (sum + product, size + product.magnitude)
    }
    return (sum, size)
  }
}
