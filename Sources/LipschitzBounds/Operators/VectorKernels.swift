/// The inner loops of the norm methods.
///
/// The order of summation is fixed, so results are reproducible; the error bounds hold for every order
/// (Higham, Accuracy and Stability, 2nd ed., §3.1).
enum VectorKernels {
  /// Σ aₖ bₖ.
  @inline(__always)
  static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
    var sums = SIMD4<Double>.zero
    var k = 0
    while k + 4 <= count {
      sums += load(a, k) * load(b, k)
      k += 4
    }
    var sum = sums.sum()
    while k < count {
      sum += a[k] * b[k]
      k += 1
    }
    return sum
  }

  /// The products of four rows, `stride` apart, with b.
  @inline(__always)
  static func dot4(
    _ rows: UnsafePointer<Double>, _ stride: Int, _ b: UnsafePointer<Double>, _ count: Int
  ) -> SIMD4<Double> {
    let (r0, r1, r2, r3) = (rows, rows + stride, rows + 2 * stride, rows + 3 * stride)
    var s0 = SIMD4<Double>.zero
    var s1 = SIMD4<Double>.zero
    var s2 = SIMD4<Double>.zero
    var s3 = SIMD4<Double>.zero
    var k = 0
    while k + 4 <= count {
      let x = load(b, k)
      s0 += load(r0, k) * x
      s1 += load(r1, k) * x
      s2 += load(r2, k) * x
      s3 += load(r3, k) * x
      k += 4
    }
    var sums = SIMD4(s0.sum(), s1.sum(), s2.sum(), s3.sum())
    while k < count {
      sums += SIMD4(r0[k], r1[k], r2[k], r3[k]) * b[k]
      k += 1
    }
    return sums
  }

  /// y ← y + factor · x.
  @inline(__always)
  static func add(
    _ factor: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ count: Int
  ) {
    var k = 0
    while k + 4 <= count {
      let sum = load(y, k) + factor * load(x, k)
      UnsafeMutableRawPointer(y + k).storeBytes(of: sum, as: SIMD4<Double>.self)
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
}
