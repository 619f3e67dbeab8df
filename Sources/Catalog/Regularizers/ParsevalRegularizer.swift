import ModelIR
import TensorGraph

/// Parseval networks' retraction: after each update W ← (1 + β)W − β·W Wᵀ W, over dense layers and
/// convolutions.
///
/// It is a step along the gradient of (β/4)·‖WᵀW − I‖_F². Every singular value s becomes
/// (1 + β)s − βs³, whose fixed point above 0 is 1, reached from anywhere in (0, √((1 + β)/β)). A filter
/// [M, C/groups, kh, kw] is taken as the matrix [M, C/groups·kh·kw] of each group.
///
/// Then a dense layer has norm 1 and a convolution of stride 1 at most √(kh·kw), which Parseval networks
/// divide its output by: put the layer `scale: 1/3` after a 3×3 convolution. It counts in the bound like
/// any other layer. Sums with weights that add up to 1, the second half of the method, are the key
/// `convex` of `residual`.
///
/// - Cost: 4·M·M·D operations a step for a weight of M rows of D elements.
/// - Reference: Cissé, Bojanowski, Grave, Dauphin, Usunier 2017, section 4.
struct ParsevalRegularizer: Regularizer {
  static let kind = "parseval"
  static let mainKey: String? = "beta"
  static let examples = ["1e-4", "{beta: 0.25, layers: all}"]

  private let beta: Double
  let layers: RegularizedLayers

  init(from reader: inout ConfigReader) {
    beta = reader.read("beta", "the step β of the retraction", .above(0, atMost: 0.5))
    layers = reader.read(RegularizedLayers.key(default: .hidden))
  }

  /// (1 + β)W − β·W Wᵀ W.
  func retraction(of weight: Tensor, groups: Int) -> Tensor {
    let rows = weight.shape[0]
    let w = weight.reshaped([rows, weight.shape[1...].reduce(1, *)])
    var gram = w.dot(w, transposeRight: true)
    if groups > 1 { gram = gram * sameGroup(rows: rows, groups: groups, in: weight.builder) }
    let cubic = beta * gram.dot(w)
    return ((1 + beta) * w - cubic).reshaped(weight.shape)
  }

  /// 1 where row i and row j lie in the same of equal groups, else 0: [rows, rows].
  private func sameGroup(rows: Int, groups: Int, in builder: GraphBuilder) -> Tensor {
    let group = builder.literal((0..<rows).map { Double($0 / (rows / groups)) }, [rows])
    return group.broadcast(to: [rows, rows], axes: [0])
      .== group.broadcast(to: [rows, rows], axes: [1])
  }
}
