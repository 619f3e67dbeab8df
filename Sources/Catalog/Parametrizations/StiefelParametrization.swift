import ModelIR
import TensorGraph

/// Orthonormal rows, or columns if there are fewer, trained on the manifold of them: half the work of `orthogonal`.
///
/// Training moves W itself, along gradients projected onto the tangent space, ∇ − W∇ᵀW for the gradient ∇ of a W
/// with no more rows than columns. After `every` steps W ← 1.5·U − 0.5·UUᵀU with U = W·(M/‖W‖²_F)^½ for M rows, one
/// step of Newton and Schulz toward the nearest orthonormal rows. The weight that is validated and stored is
/// `orthogonal`'s for W. For filters of overlapping windows it is divided by the root of the number of windows that
/// read one element.
///
/// Between retractions steps leave the manifold by what an optimizer's scaling of elements and the curvature make
/// of them, so that the constant in training is only about 1: the larger the learning rate, the smaller `every`.
///
/// - Bound: that of `orthogonal`: ‖W‖ ≤ 1 for every stored weight.
/// - Cost: 2·M·D operations a sample, because ∇ = ΔᵀX and W∇ᵀW = (XWᵀ)ᵀ(ΔW) has both factors from the passes of the
///   network, and 4·M²·D for a retraction, M ≤ D. With 256 units, 256 inputs, batches of 100 and `every: 4` these
///   are 1.8 times the operations of a free layer.
/// - Reference: Edelman, Arias, Smith 1998, section 2.4.1 (the gradient for the canonical metric); Ablin, Peyré 2022
///   (steps that leave the manifold); Björck, Bowie 1971 (the retraction).
struct StiefelParametrization: Parametrization {
  static let kind = "stiefel"
  static let mainKey: String? = "every"
  static let examples = ["", "{every: 2}"]

  private let every: Int

  init(from reader: inout ConfigReader) {
    every = reader.read(
      "every", default: 4, "the number of steps from one retraction to the next", .range(1...1000))
  }

  var keepsItsWeights: Bool { true }

  func weight(from free: Tensor, of map: FilterMap) -> Tensor {
    free.withFewerRows { $0.orthonormalRows() } / Double(map.overlap).squareRoot()
  }

  func trainedWeight(from free: Tensor, of map: FilterMap) -> Tensor {
    let weight = free.withFewerRows { x in
      let w = stopGradient(x)
      return withDerivative(w, of: x - w.dot(x, transposeRight: true).dot(w))
    }
    return weight / Double(map.overlap).squareRoot()
  }

  var retraction: Retraction? {
    Retraction(every: every) { $0.withFewerRows { $0.nearerToOrthonormalRows() } }
  }
}

extension Tensor {
  /// 1.5·U − 0.5·UUᵀU for the multiple U of this [M, D] with ‖U‖²_F = M: for singular values 1 + e of U those of
  /// the result are 1 − O(e²).
  fileprivate func nearerToOrthonormalRows() -> Tensor {
    let gram = dot(self, transposeRight: true)
    let squares = (self * self).sum() + 1e-30
    let scale = Double(shape[0]) / squares
    return (self * 1.5 - (gram * scale).dot(self) * 0.5) * sqrt(scale)
  }
}
