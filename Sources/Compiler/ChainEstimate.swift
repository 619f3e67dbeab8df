import LipschitzBounds
import ModelIR
import TensorGraph

/// The estimate of a chain of dense layers by quadratic constraints (ECLipsE-Fast), with derivatives.
///
/// For layers W₁ … W_L with slopes in [0, 1] between them, let X₀ = I, A_k = W_k X_{k−1}⁻¹ W_kᵀ and
/// X_k = (2I − A_k/λ_k)/λ_k with λ_k = λ₁(A_k). The chain's constant is at most ‖R‖ for R = W_L C⁻ᵀ with
/// C Cᵀ = X_{L−1}, and that of the difference of two outputs at most the distance of two rows of R: see
/// `docs/soundness.md`, §3. λ_k is an estimate from below by power iteration, and so is ‖R‖. An activation's largest
/// slope multiplies the layer after it.
///
/// Cost: for a layer of n neurons with m inputs about n³/3 + n²m + nm² operations a step, and with derivatives four
/// times that.
struct ChainEstimate {
  /// Estimates the chain's constant, a scalar.
  let norm: Tensor
  /// R [K, n].
  let rows: Tensor
  /// The names of the kept vectors.
  let vectors: [String]

  /// X is positive definite while λ is estimated at more than its half, for which few steps suffice.
  private static let leastSteps = 4

  /// Appends the estimate; declares the kept vectors as persistent inputs.
  ///
  /// - Parameters:
  ///   - operands: the parameters by full name.
  ///   - steps: those of power iteration; at least four are made.
  init(
    _ chain: DenseChain, operands: [String: Tensor], steps: Int, counter: Tensor, seed: UInt64
  ) {
    var vectors: [String] = []
    func norm(of columns: Tensor, for layer: DenseChain.Layer) -> Tensor {
      let name = "\(chain.name)/\(layer.name)"
      let power = PowerIteration(
        IteratedOperator(name, columns: columns.shape[1]), operands: [name: columns],
        steps: max(steps, Self.leastSteps), counter: counter, seed: seed)
      vectors.append(PowerIteration.inputName(name))
      return power.norm
    }
    let weights = Self.weights(of: chain, operands)
    // Y with YᵀY = A.
    var columns = weights[0].transposed([1, 0])
    for (layer, next) in zip(chain.layers, weights.dropFirst()) {
      let sigma = max(norm(of: columns, for: layer), 1e-15)
      let unit = columns / sigma
      let gram = unit.dot(unit, transposeLeft: true)
      let factor = (2 * counter.builder.identity(gram.shape[0]) - gram).cholesky()
      columns = factor.solving((next * sigma).transposed([1, 0]))
    }
    self.norm = norm(of: columns, for: chain.layers[chain.layers.count - 1])
    rows = columns.transposed([1, 0])
    self.vectors = vectors
  }

  /// The weights, each multiplied by the largest slope of the activation before it.
  private static func weights(of chain: DenseChain, _ operands: [String: Tensor]) -> [Tensor] {
    var slope = 1.0
    return chain.layers.map { layer in
      guard let weight = operands[layer.weight] else {
        preconditionFailure("the chain '\(chain.name)' lacks '\(layer.weight)'")
      }
      defer { slope = layer.slope?.estimate ?? 1 }
      return slope == 1 ? weight : weight * slope
    }
  }
}
