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
public struct ParsevalRegularizer: Regularizer {
  private static let declared = RegularizerKeys(
    SpecKey(
      "beta", "the step β of the retraction",
      .init("above 0 and at most 1/2") { $0 > 0 && $0 <= 0.5 }),
    layers: .hidden)

  /// The name in a spec.
  public static let kind = "parseval"
  /// The keys.
  public static let keys = declared.descriptions
  /// `parseval: 1e-4`.
  public static let mainKey: String? = "beta"
  /// Cases for the generic tests.
  public static let examples = ["1e-4", "{beta: 0.25, layers: all}"]

  /// The layers.
  public let layers: RegularizedLayers
  private let beta: Double

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let read = Self.declared.read(from: &reader) else { return nil }
    (beta, layers) = read
  }

  /// None.
  public let penalty: Penalty? = nil

  /// (1 + β)W − β·W Wᵀ W.
  public func retraction(
    of weight: Value, groups: Int, into builder: inout GraphBuilder
  ) -> Value {
    let shape = builder.shape(weight)
    let matrix = builder.reshape(weight, [shape[0], shape[1...].reduce(1, *)])
    var gram = builder.dot(matrix, matrix, transposeRight: true)
    if groups > 1 {
      let inGroup = builder.sameGroup(rows: shape[0], groups: groups)
      gram = builder.multiply(gram, inGroup)
    }
    let cubic = builder.scale(builder.dot(gram, matrix), by: beta)
    let result = builder.subtract(builder.scale(matrix, by: 1 + beta), cubic)
    return builder.reshape(result, shape)
  }
}

extension GraphBuilder {
  /// 1 where row i and row j lie in the same of equal groups, else 0: [rows, rows].
  fileprivate mutating func sameGroup(rows: Int, groups: Int) -> Value {
    let group = literal((0..<rows).map { Double($0 / (rows / groups)) }, [rows])
    return compare(
      .equal, broadcast(group, to: [rows, rows], axes: [0]),
      broadcast(group, to: [rows, rows], axes: [1]))
  }
}
