import BoundAlgebra
import Enclosure
import ModelIR

/// [[X, Wᵀ], [W, A]], stored negated as the factorisation of tI − G wants it.
struct JointMatrix {
  private(set) var negated: BandMatrix
  private let inner: Int
  private let outer: Int

  init(_ matrix: BandMatrix, _ layer: QuadraticChain.Layer) {
    inner = matrix.order
    outer = layer.rows
    negated = BandMatrix(order: inner + outer, bandwidth: inner + outer - 1)
    for i in 0..<inner {
      for j in matrix.layout.origin(i)...i {
        negated.elements[negated.layout.offset(i, j)] =
          -matrix.elements[matrix.layout.offset(i, j)]
      }
    }
    for i in 0..<outer {
      for j in 0..<inner {
        negated.elements[negated.layout.offset(inner + i, j)] =
          -layer.weight.values[i * inner + j]
      }
    }
  }

  mutating func set(diagonal: Double) {
    for i in 0..<outer {
      for j in 0...i {
        negated.elements[negated.layout.offset(inner + i, inner + j)] = i == j ? -diagonal : 0
      }
    }
  }

  mutating func set(_ matrix: BandMatrix) {
    for i in 0..<outer {
      for j in 0...i {
        negated.elements[negated.layout.offset(inner + i, inner + j)] =
          -matrix.elements[matrix.layout.offset(i, j)]
      }
    }
  }

  /// Y Yᵀ for the lower left part Y of the factor: W X⁻¹ Wᵀ up to rounding.
  func schurComplement(from factor: [Double]) -> BandMatrix {
    var result = BandMatrix(order: outer, bandwidth: outer - 1)
    factor.withUnsafeBufferPointer { factor in
      guard let base = factor.baseAddress else { return }
      for i in 0..<outer {
        for j in 0...i {
          let a = base + negated.layout.offset(inner + i, 0)
          let b = base + negated.layout.offset(inner + j, 0)
          result.elements[result.layout.offset(i, j)] = VectorKernels.dot(a, b, inner)
        }
      }
    }
    return result
  }
}
