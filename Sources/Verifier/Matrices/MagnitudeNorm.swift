import Enclosure

/// A bound on ‖|A|‖, the norm of the magnitudes of a matrix.
///
/// It is the norm of a matrix B ≥ 0: of |A| itself, or for a map of images of the sums of the magnitudes of the taps
/// that read the same remainders of rows and columns, divided by the strides. The elements of a channel with the same
/// remainders are shifted by whole steps from tap to tap, and shifts do not enlarge a norm.
struct MagnitudeNorm {
  /// B's blocks, one for each group, row by row.
  private let elements: [Double]
  private let width: Int
  private let rowsPerGroup: Int
  /// How many magnitudes an element of B adds at most.
  private let terms: Int
  private let error: Double

  /// Nil for maps of other kinds.
  init?(_ map: LinearMap) {
    error = map.coefficientError
    if map.isFull {
      (elements, width) = (map.coefficients.map(\.magnitude), map.inputs)
      (rowsPerGroup, terms) = (map.outputs, 1)
    } else if let image = map.stencil ?? map.adjoint {
      let phases = image.stride[0] * image.stride[1]
      let width = image.channelsPerGroup * phases
      var elements = Array(repeating: 0.0, count: image.output[0] * width)
      for tap in image.taps {
        let rest = zip(tap.offset, image.stride).map { ($0 % $1 + $1) % $1 }
        let phase = rest[0] * image.stride[1] + rest[1]
        for (index, value) in tap.matrix.enumerated() {
          elements[index * phases + phase] += value.magnitude
        }
      }
      (self.elements, self.width) = (elements, width)
      (rowsPerGroup, terms) = (image.output[0] / image.groups, image.taps.count)
    } else {
      return nil
    }
    guard elements.allSatisfy(\.isFinite) else { return nil }
  }

  /// For every v > 0 no eigenvalue of BᵀB is larger than the largest (BᵀBv)ⱼ/vⱼ; v comes from eight steps of power
  /// iteration.
  var bound: UpperBound {
    let groups = rowsPerGroup == 0 ? 0 : elements.count / max(1, width) / rowsPerGroup
    var vector = Array(repeating: 1.0, count: groups * width)
    var bound = UpperBound.infinity
    for _ in 0..<8 {
      let next = product(vector)
      let ratio = zip(next, vector).reduce(0) { max($0, $1.0 / $1.1) }
      bound = min(bound, UpperBound(proven: ratio))
      guard let scale = next.max(), scale > 0 else { break }
      vector = next.map { max($0 / scale, 0x1p-60) }
    }
    let rounding = AccumulatedError.gamma(width + rowsPerGroup + 2 * terms + 4)
    let squared = bound * (.one + rounding) + UpperBound(proven: 0x1p-800)
    return squared.squareRoot() * UpperBound(proven: 1 + error)
  }

  /// BᵀBv.
  private func product(_ vector: [Double]) -> [Double] {
    var result = Array(repeating: 0.0, count: vector.count)
    elements.withUnsafeBufferPointer { elements in
      for start in stride(from: 0, to: elements.count, by: max(1, width)) {
        let first = start / width / rowsPerGroup * width
        let whole = width / 8 * 8
        var sums = SIMD8<Double>()
        for j in stride(from: 0, to: whole, by: 8) {
          for k in 0..<8 { sums[k] += elements[start + j + k] * vector[first + j + k] }
        }
        let sum = (whole..<width).reduce(sums.sum()) {
          $0 + elements[start + $1] * vector[first + $1]
        }
        for j in 0..<width { result[first + j] += sum * elements[start + j] }
      }
    }
    return result
  }
}
