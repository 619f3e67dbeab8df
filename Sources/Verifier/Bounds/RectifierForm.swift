import Enclosure
import MatrixProducts

/// A part of the network as linear maps between rectifiers, each with a multiplier, checked as a whole.
///
/// Coordinates are the differences Δs of the part's argument and Δu of its rectifiers: u = ψ(z) with difference
/// quotients of ψ by z in [0, 1], so Δuᵢ(Δzᵢ − Δuᵢ) ≥ 0. If for some λ ≥ 0 the form ‖Δs‖² + Σ 2λᵢΔuᵢ(Δuᵢ − Δzᵢ) −
/// ‖Δy‖²/c² is positive semidefinite, then ‖Δy‖ ≤ c‖Δs‖. It is if [[P, Cᵀ], [C, c²I]] is, P being the form without
/// its last part and Δy = C(Δs, Δu). One Cholesky factorization shows it.
struct RectifierForm {
  /// The positions strictly between the ends.
  let between: Set<Int>
  private let inputs: Int
  private let outputs: Int
  /// Where each block's coordinates begin, the argument's first; the end follows.
  private let places: [Int]
  /// Δz of each block of rectifiers.
  private let arguments: [LinearValue]
  /// Δy.
  private let result: LinearValue

  /// No form may have more coordinates.
  private static let mostCoordinates = 1 << 14

  /// The part from a position to another; nil if there is none, or if it is too large.
  ///
  /// - Parameter front: the layers at its beginning, with R of their value R t; the argument of the part is then t.
  init?(
    from source: Int, to target: Int, in network: Network,
    after front: (layers: ImageFront, factor: [Double])? = nil
  ) {
    let source = front?.layers.target ?? source
    var pending: Set<Int> = [target]
    var order: [Int] = []
    while let position = pending.max(), position != source {
      guard position > source else { return nil }
      pending.remove(position)
      order.append(position)
      pending.formUnion(network.nodes[position - 1].operands)
    }
    guard pending == [source] else { return nil }
    let start = network.count(at: source)
    var values = [
      source: front.map { LinearValue(square: $0.factor, count: start) }
        ?? LinearValue(identity: start)
    ]
    var (places, arguments) = ([0, network.count(at: source)], [LinearValue]())
    for position in order.reversed() {
      let node = network.nodes[position - 1]
      let operands = node.operands.compactMap { values[$0] }
      guard operands.count == node.operands.count else { return nil }
      func rectified(_ z: LinearValue) -> Int {
        arguments.append(z)
        places.append(places[places.count - 1] + z.count)
        return arguments.count
      }
      guard let value = operands[0].image(node, operands, rectified),
        places[places.count - 1] <= Self.mostCoordinates, value.isSmall
      else { return nil }
      values[position] = value
    }
    guard let result = values[target] else { return nil }
    between = Set(order.dropFirst()).union(front?.layers.positions ?? [])
    inputs = network.count(at: source)
    outputs = result.count
    (self.places, self.arguments, self.result) = (places, arguments, result)
  }

  /// The number of rectifiers.
  var count: Int { places[places.count - 1] - inputs }

  /// P, with every diagonal element brought near 1 by powers of two, and room for `extra` more rows.
  private func form(
    _ multipliers: [Double], extra: Int
  ) -> (matrix: SymmetricMatrix, scale: [Double], error: UpperBound)? {
    let order = inputs + count
    let last = result.parts.keys.min().map { places[$0] } ?? order
    let firsts =
      Array(0..<inputs)
      + arguments.enumerated().flatMap { index, z in
        let first = z.parts.keys.min().map { places[$0] } ?? places[index + 1]
        return Array(repeating: first, count: z.count)
      } + Array(repeating: last, count: extra)
    guard var matrix = SymmetricMatrix(firsts: firsts) else { return nil }
    var scale = Array(repeating: 1.0, count: order)
    for i in 0..<inputs { matrix[i, i] = 1 }
    for (i, multiplier) in multipliers.enumerated() {
      let power = Double(
        sign: .plus, exponent: -(Int(multiplier.exponent) + 1) / 2, significand: 1)
      scale[inputs + i] = power
      matrix[inputs + i, inputs + i] = 2 * multiplier * power * power
    }
    var (sums, error) = (Array(repeating: 0.0, count: order), UpperBound.zero)
    for (index, z) in arguments.enumerated() {
      let start = places[index + 1]
      let factors = (start..<start + z.count).map { -multipliers[$0 - inputs] * scale[$0] }
      error = error + add(z, times: factors, at: start, scale, to: &matrix, &sums)
    }
    return (matrix, scale, error + Self.rounding(sums))
  }

  /// Bounds the norm of the rounding errors by the largest row sum of magnitudes: each element is rounded at most
  /// three times, and the room covers the rounding of the sums.
  private static func rounding(_ sums: [Double]) -> UpperBound {
    AccumulatedError.gamma(4) * UpperBound(proven: (sums.max() ?? 0) * (1 + 0x1p-20))
  }

  /// Adds rows of coefficients, multiplied by factors and by the scale of their columns; returns what errors of
  /// the coefficients make of the norm.
  private func add(
    _ value: LinearValue, times factors: [Double], at row: Int, _ scale: [Double],
    to matrix: inout SymmetricMatrix, _ sums: inout [Double]
  ) -> UpperBound {
    let height = UpperBound(proven: factors.reduce(0) { max($0, $1.magnitude) })
    var error = UpperBound.zero
    if sums.count < row + value.count {
      sums += Array(repeating: 0, count: row + value.count - sums.count)
    }
    for (block, part) in value.parts {
      let (first, width) = (places[block], places[block + 1] - places[block])
      var widest = 0.0
      for i in 0..<value.count {
        for j in 0..<width {
          let element = factors[i] * part.elements[i * width + j] * scale[first + j]
          guard element != 0 else { continue }
          matrix[row + i, first + j] += element
          sums[row + i] += element.magnitude
          sums[first + j] += element.magnitude
        }
      }
      for j in 0..<width { widest = max(widest, scale[first + j]) }
      error = error + height * UpperBound(proven: widest) * part.error
    }
    return error
  }

  /// Whether the constant is certainly at most c.
  func isBounded(by claim: Double, _ multipliers: [Double], _ workers: Workers) -> Bool {
    guard claim > 0, claim.isFinite, let form = form(multipliers, extra: outputs) else {
      return false
    }
    return isBordered(form, result, by: claim, workers)
  }

  /// Whether outputs i and j differ by certainly at most c times the change of the argument.
  func isDifferenceBounded(
    _ i: Int, _ j: Int, by claim: Double, _ multipliers: [Double], _ workers: Workers
  ) -> Bool {
    guard claim > 0, claim.isFinite, let form = form(multipliers, extra: 1) else { return false }
    return isBordered(form, result.difference(i, j), by: claim, workers)
  }

  private func isBordered(
    _ form: (matrix: SymmetricMatrix, scale: [Double], error: UpperBound), _ rows: LinearValue,
    by claim: Double, _ workers: Workers
  ) -> Bool {
    var (matrix, scale, error) = form
    let power = Double(sign: .plus, exponent: -Int(claim.exponent), significand: 1)
    let square = DirectedRounding.multiplyDown(claim * power, claim * power)
    let order = inputs + count
    var sums: [Double] = []
    for i in 0..<rows.count { matrix[order + i, order + i] = square }
    error =
      error
      + add(
        rows, times: Array(repeating: power, count: rows.count), at: order, scale, to: &matrix,
        &sums)
    error = error + Self.rounding(sums)
    let shift = matrix.factorizationError + error
    return shift.isFinite && matrix.factorize(minus: shift.value, workers)
  }
}
