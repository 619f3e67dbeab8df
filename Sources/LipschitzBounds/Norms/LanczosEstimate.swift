import TensorGraph

/// An estimate of the largest eigenvalue of a positive semidefinite matrix and its vector by the Lanczos
/// process, usually from below, without any guarantee.
struct LanczosEstimate {
  /// About the largest eigenvalue, rarely above it.
  let value: Double
  /// A vector whose Rayleigh quotient is about ``value``.
  let vector: [Double]

  private static let tolerance = 0x1p-42
  private static let checkEvery = 6

  /// At most `steps` products with the matrix.
  ///
  /// The vectors are not orthogonalized again: they lose their orthogonality only when the largest eigenvalue
  /// has converged (Paige 1980).
  init(order: Int, steps: Int = 150, times: ([Double]) -> [Double]) {
    var basis: [[Double]] = []
    var (diagonal, beside) = ([Double](), [Double]())
    var next = Self.start(order)
    var last = 0.0
    for step in 1...max(1, min(steps, order)) {
      basis.append(next)
      var image = times(next)
      diagonal.append(Self.dot(image, next))
      Self.remove(diagonal[step - 1], next, from: &image)
      if step > 1 { Self.remove(beside[step - 2], basis[step - 2], from: &image) }
      let length = Self.dot(image, image).squareRoot()
      if step.isMultiple(of: Self.checkEvery) {
        let current = Self.top(diagonal, beside)
        if current - last <= Self.tolerance * current { break }
        last = current
      }
      guard length > 1e-14 * (diagonal[0].magnitude + (beside.max() ?? 0)), step < order else {
        break
      }
      beside.append(length)
      next = image.map { $0 / length }
    }
    if beside.count == diagonal.count { beside.removeLast() }
    value = Self.top(diagonal, beside)
    let weights = Self.topVector(diagonal, beside, value)
    var vector = Array(repeating: 0.0, count: order)
    for (weight, part) in zip(weights, basis) {
      for i in 0..<order { vector[i] += weight * part[i] }
    }
    self.vector = vector
  }

  /// A unit vector of seeded noise, the same in every run.
  private static func start(_ order: Int) -> [Double] {
    let stream = CounterRandom.stream(seed: 0, "lanczos")
    var vector = (0..<order).map {
      CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 0.5 + 0x1p-30
    }
    let length = dot(vector, vector).squareRoot()
    for i in 0..<order { vector[i] /= length }
    return vector
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let p = a.baseAddress, let q = b.baseAddress else { return 0 }
        return VectorKernels.dot(p, q, a.count)
      }
    }
  }

  private static func remove(
    _ part: Double, _ direction: [Double], from vector: inout [Double]
  ) {
    direction.withUnsafeBufferPointer { d in
      vector.withUnsafeMutableBufferPointer { v in
        guard let p = d.baseAddress, let q = v.baseAddress else { return }
        VectorKernels.add(-part, p, to: q, d.count)
      }
    }
  }

  /// The largest eigenvalue of the tridiagonal matrix, by bisection on Sturm sequences.
  private static func top(_ diagonal: [Double], _ beside: [Double]) -> Double {
    var low = diagonal.max() ?? 0
    var high = 0.0
    for i in diagonal.indices {
      let left = i > 0 ? beside[i - 1] : 0
      let right = i < diagonal.count - 1 ? beside[i] : 0
      high = max(high, diagonal[i] + left + right)
    }
    for _ in 0..<60 where high - low > 0x1p-52 * high {
      let middle = low + (high - low) / 2
      if isAbove(middle, diagonal, beside) { high = middle } else { low = middle }
    }
    return low
  }

  /// Whether a number exceeds every eigenvalue of the tridiagonal matrix.
  private static func isAbove(
    _ number: Double, _ diagonal: [Double], _ beside: [Double]
  ) -> Bool {
    var pivot = number - diagonal[0]
    for i in diagonal.indices.dropFirst() {
      guard pivot > 0 else { return false }
      pivot = number - diagonal[i] - beside[i - 1] * (beside[i - 1] / pivot)
    }
    return pivot > 0
  }

  /// The eigenvector, by inverse iteration from just above the value, where elimination is stable.
  private static func topVector(
    _ diagonal: [Double], _ beside: [Double], _ value: Double
  ) -> [Double] {
    let count = diagonal.count
    var vector = Array(repeating: 1.0, count: count)
    let shift = value * (1 + 1e-13) + .leastNormalMagnitude
    for _ in 0..<4 {
      var pivots = Array(repeating: 0.0, count: count)
      for i in 0..<count {
        let carried = i > 0 ? beside[i - 1] / pivots[i - 1] : 0
        let pivot = shift - diagonal[i] - (i > 0 ? beside[i - 1] * carried : 0)
        pivots[i] = max(pivot, 1e-16 * shift)
        if i > 0 { vector[i] += carried * vector[i - 1] }
      }
      for i in (0..<count).reversed() {
        let carried = i < count - 1 ? beside[i] * vector[i + 1] : 0
        vector[i] = (vector[i] + carried) / pivots[i]
      }
      let largest = vector.reduce(0) { max($0, $1.magnitude) }
      if largest > 0 { for i in 0..<count { vector[i] /= largest } }
    }
    return vector
  }
}
