import Enclosure
import MatrixProducts

/// The symbols B(ω) [M, C·s_h·s_w] of the circular extension of a convolution, by the Gram matrices
/// G(ω) = B(ω) B(ω)* or B(ω)* B(ω), whichever is smaller.
///
/// G(ω) = Σ_d P_d e^{iω·d} with P_d the sum of the products of those two taps whose shifts differ by d. Since
/// P₋d is the transpose of P_d, the real part is P₀ + Σ cos(ω·d)(P_d + P_dᵀ) and the imaginary part
/// Σ sin(ω·d)(P_d − P_dᵀ), over one of each pair ±d. The products are computed once, so a frequency takes about
/// 2·kh·kw·n² operations.
struct ConvolutionSymbol {
  /// Positions of the torus along each axis.
  let torus: [Int]
  /// n: the smaller of M and C·s_h·s_w.
  let order: Int
  /// One of each pair of conjugate frequencies.
  let frequencies: [(Int, Int)]

  private let block: ConvolutionBlock
  private let isOutputSide: Bool
  private let tables: [RootsOfUnity]
  /// For each tap and axis: the phase r and the shift a.
  private let places: [[(phase: Int, shift: Int)]]

  init(_ block: ConvolutionBlock) {
    let places = block.tapPlaces
    let torus = (0..<2).map { axis in Self.torus(block, axis: axis, places.map { $0[axis].shift }) }
    let columns = block.channels * block.window.strides[0] * block.window.strides[1]
    self.block = block
    self.places = places
    self.torus = torus
    isOutputSide = block.filters <= columns
    order = min(block.filters, columns)
    tables = torus.map { RootsOfUnity($0) }
    // Of the frequencies h = 0 and h = N/2, −ω has the same h.
    frequencies = (0...torus[0] / 2).flatMap { h -> [(Int, Int)] in
      let isOwnConjugate = 2 * h % torus[0] == 0
      return (0...(isOwnConjugate ? torus[1] / 2 : torus[1] - 1)).map { (h, $0) }
    }
  }

  /// The products that are added to one coefficient, and the multiplications to compute all.
  private var productCost: Double {
    let taps = Double(block.taps.count)
    return taps * taps * Double(block.filters) * Double(block.channels)
      * Double(isOutputSide ? block.filters : block.channels)
  }

  /// About how many operations the coefficients and the matrices of all frequencies take.
  var cost: Double {
    let reads = 2 * Double(block.taps.count) * Double(order) * Double(order)
    return productCost + Double(frequencies.count) * reads
  }

  /// Bounds the error of a computed Gram matrix in the spectral norm.
  ///
  /// Each cosine or sine comes from products of table entries and has an error of at most 2⁻⁴⁷. An element of
  /// a part is a sum of products of coefficients, at most `terms` of them with their sums, times a cosine
  /// or sine, so it is within (2⁻⁴⁷ + γ)(1 + 2⁻⁴⁷) Σ|K_k||K_l|ᵀ of the exact one. That matrix is S Sᵀ with S the
  /// sum of the taps' magnitudes by phase, and ‖S‖ ≤ magnitude by the same row and column sums. The factor 2
  /// covers both parts.
  var error: UpperBound {
    let taps = block.taps.count
    let terms = max(block.filters, block.channels) + taps * taps + 8
    let relative =
      UpperBound(proven: 0x1p-46) + UpperBound(proven: 2) * AccumulatedError.gamma(terms)
    return UpperBound(proven: 2) * relative * block.magnitude * block.magnitude
      + UpperBound(proven: 0x1p-900)
  }

  /// The least number of positions for which no tap wraps around to an element.
  private static func torus(
    _ block: ConvolutionBlock, axis: Int, _ shifts: [Int]
  ) -> Int {
    let stride = block.window.strides[axis]
    let phaseExtent = (block.extent[axis] + stride - 1) / stride
    let image = block.outputExtent[axis]
    let (least, most) = (shifts.min() ?? 0, shifts.max() ?? 0)
    return max(phaseExtent - least, image + most, phaseExtent, image, 1)
  }
}

/// A difference of the shifts of two taps.
private struct Shift: Hashable, Comparable {
  let h: Int
  let w: Int
  static func < (a: Shift, b: Shift) -> Bool { (a.h, a.w) < (b.h, b.w) }
}

/// The Gram matrices of the symbols of a convolution at any frequency.
struct SymbolGrams: Sendable {
  /// n.
  let order: Int
  private let shifts: [Shift]
  /// The lower triangles of P_d + P_dᵀ (P₀ for d = 0) and of P_d − P_dᵀ by d, packed by rows.
  private let symmetric: [Double]
  private let skew: [Double]
  private let torus: [Int]
  private let tables: [RootsOfUnity]

  private var size: Int { order * (order + 1) / 2 }

  fileprivate init(
    order: Int, products: [Shift: [Double]], torus: [Int], tables: [RootsOfUnity]
  ) {
    (self.order, self.torus, self.tables) = (order, torus, tables)
    shifts = products.keys.sorted()
    var (symmetric, skew) = ([Double](), [Double]())
    for shift in shifts {
      let product = products[shift] ?? []
      for i in 0..<order {
        for j in 0...i {
          let (a, b) = (product[i * order + j], product[j * order + i])
          symmetric.append(shift == Shift(h: 0, w: 0) ? a : a + b)
          skew.append(shift == Shift(h: 0, w: 0) ? 0 : a - b)
        }
      }
    }
    (self.symmetric, self.skew) = (symmetric, skew)
  }

  /// Calls `body` with the real forms [[Re G, −Im G], [Im G, Re G]] of some Gram matrices in turn.
  func forEachMatrix(at frequencies: ArraySlice<(Int, Int)>, _ body: (BandMatrix) -> Void) {
    let phases = frequencies.map { frequency in shifts.map { phase(frequency, $0) } }
    let real = combinations(symmetric, phases.flatMap { $0.map(\.cosine) }, phases.count)
    let imaginary = combinations(skew, phases.flatMap { $0.map(\.sine) }, phases.count)
    var matrix = BandMatrix(order: 2 * order, bandwidth: 2 * order - 1)
    for index in phases.indices {
      real.withUnsafeBufferPointer { real in
        imaginary.withUnsafeBufferPointer { imaginary in
          guard let r = real.baseAddress, let s = imaginary.baseAddress else { return }
          write(r + index * size, s + index * size, to: &matrix)
        }
      }
      body(matrix)
    }
  }

  /// Σ_d factor[f, d] · coefficient_d for each frequency f.
  private func combinations(
    _ coefficients: [Double], _ factors: [Double], _ count: Int
  ) -> [Double] {
    var result = Array(repeating: 0.0, count: count * size)
    coefficients.withUnsafeBufferPointer { coefficients in
      factors.withUnsafeBufferPointer { factors in
        result.withUnsafeMutableBufferPointer { result in
          guard let c = coefficients.baseAddress, let f = factors.baseAddress,
            let r = result.baseAddress
          else { return }
          MatrixProduct.accumulate(
            MatrixView(f, rowStride: shifts.count),
            MatrixView(c, rowStride: 1, columnStride: size), rows: count, columns: size,
            inner: shifts.count, into: r, stride: size)
        }
      }
    }
    return result
  }

  private func write(
    _ real: UnsafePointer<Double>, _ imaginary: UnsafePointer<Double>, to matrix: inout BandMatrix
  ) {
    let (layout, order) = (matrix.layout, order)
    matrix.elements.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      var (r, s) = (real, imaginary)
      for i in 0..<order {
        let (upper, lower) = (base + layout.offset(i, 0), base + layout.offset(order + i, 0))
        upper.update(from: r, count: i + 1)
        (lower + order).update(from: r, count: i + 1)
        lower.update(from: s, count: i + 1)
        let column = base + layout.offset(order, i)
        for j in 0..<i { column[j * layout.rowStep] = -s[j] }
        (r, s) = (r + i + 1, s + i + 1)
      }
    }
  }

  /// cos(ω·d) and sin(ω·d).
  private func phase(_ frequency: (Int, Int), _ shift: Shift) -> (cosine: Double, sine: Double) {
    let (ch, sh) = root(0, frequency.0 * shift.h)
    let (cw, sw) = root(1, frequency.1 * shift.w)
    return (ch * cw - sh * sw, ch * sw + sh * cw)
  }

  private func root(_ axis: Int, _ index: Int) -> (Double, Double) {
    let count = torus[axis]
    let place = (index % count + count) % count
    return (tables[axis].cosines[place], tables[axis].sines[place])
  }
}

extension ConvolutionSymbol {
  /// The coefficients P_d for one of each pair ±d.
  ///
  /// On the output side P_d [M, M] is the sum of K_k K_lᵀ over taps of the same phase with a_k − a_l = d; on the
  /// input side the block (r_k, r_l) of P_d [C s², C s²] is the sum of K_kᵀ K_l with a_l − a_k = d.
  func grams(_ workers: Workers) -> SymbolGrams {
    var pairs: [Shift: [(Int, Int)]] = [:]
    for k in block.taps.indices {
      for l in block.taps.indices where !isOutputSide || slot(k) == slot(l) {
        let (from, to) = isOutputSide ? (l, k) : (k, l)
        let shift = Shift(
          h: self.shift(to, 0) - self.shift(from, 0), w: self.shift(to, 1) - self.shift(from, 1))
        if shift >= Shift(h: 0, w: 0) { pairs[shift, default: []].append((k, l)) }
      }
    }
    let shifts = pairs.keys.sorted()
    let products = shifts.map { pairs[$0] ?? [] }
    let found = workers.map(shifts.count) { product(of: products[$0]) }
    return SymbolGrams(
      order: order, products: Dictionary(uniqueKeysWithValues: zip(shifts, found)), torus: torus,
      tables: tables)
  }

  private func product(of pairs: [(Int, Int)]) -> [Double] {
    let size = isOutputSide ? block.filters : block.channels
    let (rowStride, columnStride) = isOutputSide ? (block.channels, 1) : (1, block.channels)
    var result = Array(repeating: 0.0, count: order * order)
    result.withUnsafeMutableBufferPointer { result in
      guard let base = result.baseAddress else { return }
      for (k, l) in pairs {
        let corner = isOutputSide ? 0 : (slot(k) * order + slot(l)) * size
        block.taps[k].withUnsafeBufferPointer { first in
          block.taps[l].withUnsafeBufferPointer { second in
            guard let a = first.baseAddress, let b = second.baseAddress else { return }
            MatrixProduct.accumulate(
              MatrixView(a, rowStride: rowStride, columnStride: columnStride),
              MatrixView(b, rowStride: rowStride, columnStride: columnStride), rows: size,
              columns: size, inner: isOutputSide ? block.channels : block.filters,
              into: base + corner, stride: order)
          }
        }
      }
    }
    return result
  }

  /// The phase of a tap's element among s_h·s_w.
  private func slot(_ tap: Int) -> Int {
    places[tap][0].phase * block.window.strides[1] + places[tap][1].phase
  }

  private func shift(_ tap: Int, _ axis: Int) -> Int { places[tap][axis].shift }
}
