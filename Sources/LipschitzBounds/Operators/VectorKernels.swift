/// The inner loops of the norm methods.
///
/// The order of summation is fixed, so results are reproducible; the error bounds hold for every order
/// (Higham, Accuracy and Stability, 2nd ed., §3.1).
enum VectorKernels {
  /// Σ aₖ bₖ.
  @inline(__always)
  static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
    var (first, second) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    var k = 0
    while k + 8 <= count {
      first += load(a, k) * load(b, k)
      second += load(a, k + 4) * load(b, k + 4)
      k += 8
    }
    var sum = (first + second).sum()
    while k < count {
      sum += a[k] * b[k]
      k += 1
    }
    return sum
  }

  /// Σ aₖ xₖ, and y ← y + factor · a in the same pass.
  @inline(__always)
  static func dotAndAdd(
    _ a: UnsafePointer<Double>, _ x: UnsafePointer<Double>, _ factor: Double,
    to y: UnsafeMutablePointer<Double>, _ count: Int
  ) -> Double {
    var (first, second) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    var k = 0
    while k + 8 <= count {
      let (a0, a1) = (load(a, k), load(a, k + 4))
      first += a0 * load(x, k)
      second += a1 * load(x, k + 4)
      store(load(y, k) + factor * a0, to: y + k)
      store(load(y, k + 4) + factor * a1, to: y + k + 4)
      k += 8
    }
    var sum = (first + second).sum()
    while k < count {
      sum += a[k] * x[k]
      y[k] += factor * a[k]
      k += 1
    }
    return sum
  }

  /// Σ |aₖ| and Σ aₖ², and y ← y + |a| in the same pass.
  @inline(__always)
  static func sums(
    _ a: UnsafePointer<Double>, magnitudesTo y: UnsafeMutablePointer<Double>, _ count: Int
  ) -> (magnitudes: Double, squares: Double) {
    var (magnitudes, squares) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    var k = 0
    while k + 4 <= count {
      let value = load(a, k)
      let magnitude = value.replacing(with: -value, where: value .< 0)
      magnitudes += magnitude
      squares += value * value
      store(load(y, k) + magnitude, to: y + k)
      k += 4
    }
    var sums = (magnitudes.sum(), squares.sum())
    while k < count {
      sums.0 += a[k].magnitude
      sums.1 += a[k] * a[k]
      y[k] += a[k].magnitude
      k += 1
    }
    return sums
  }

  /// Σ (aₖ − bₖ)².
  @inline(__always)
  static func squaredDistance(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int
  ) -> Double {
    var sums = SIMD4<Double>.zero
    var k = 0
    while k + 4 <= count {
      let difference = load(a, k) - load(b, k)
      sums += difference * difference
      k += 4
    }
    var sum = sums.sum()
    while k < count {
      sum += (a[k] - b[k]) * (a[k] - b[k])
      k += 1
    }
    return sum
  }

  /// y ← y + factor · x.
  @inline(__always)
  static func add(
    _ factor: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    var k = 0
    while k + 4 <= count {
      store(load(y, k) + factor * load(x, k), to: y + k)
      k += 4
    }
    while k < count {
      y[k] += factor * x[k]
      k += 1
    }
  }

  @inline(__always)
  private static func load(_ p: UnsafePointer<Double>, _ k: Int) -> SIMD4<Double> {
    UnsafeRawPointer(p + k).loadUnaligned(as: SIMD4<Double>.self)
  }

  @inline(__always)
  private static func store(_ value: SIMD4<Double>, to p: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(p).storeBytes(of: value, as: SIMD4<Double>.self)
  }
}
