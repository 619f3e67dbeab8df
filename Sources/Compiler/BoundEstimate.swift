import BoundAlgebra
import LipschitzBounds
import ModelIR
import TensorGraph

/// The bound's differentiable reading: every norm by one step of power iteration, that of a diagonal
/// operator by its largest factor, every operator without weights or with a parametrization by its
/// constant.
///
/// A node's estimate is composed as ``TrainedComposition`` says, from the estimates of earlier nodes,
/// each of which occurs once in the graph.
struct BoundEstimate {
  /// The estimate for the whole network, a scalar.
  let network: Tensor
  /// What estimates differences of logits; see ``LossContext/head``.
  let head: (bound: Tensor, rows: Tensor)?
  /// The estimated norms of operators by name.
  let norms: [NormSymbol: Tensor]
  /// The names of the kept vectors.
  let vectors: [String]

  /// Appends the estimate, which shares the parameters with the forward pass.
  ///
  /// - Parameters:
  ///   - normed: operators whose norms are estimated even if the bound does not need them.
  ///   - operands: the parameters and statistics by full name.
  init(
    _ model: Model, _ bounds: ModelBounds, _ train: TrainSpec, normsOf normed: [LinearOperator],
    operands: [String: Tensor], counter: Tensor, seed: UInt64
  ) {
    var walk = EstimateWalk(
      model, bounds, train, operands: operands, counter: counter, seed: seed)
    for linear in normed { _ = walk.norm(of: linear) }
    network = walk.bound(of: model.output)
    head = walk.head()
    norms = walk.norms
    vectors = walk.vectors
  }
}
