import ModelIR
import TensorGraph

extension GraphBuilder {
  /// −(1/N) Σ targets · log softmax(logits), a scalar; both [N, K], each row of targets summing to 1.
  ///
  /// The row's maximum is subtracted first, held constant because the result does not depend on it, so
  /// that no exponential overflows.
  mutating func softmaxCrossEntropy(_ logits: Value, targets: Value) -> Value {
    let shape = self.shape(logits)
    let largest = stopGradient(maximum(of: logits, axes: [1]))
    let shifted = subtract(logits, broadcast(largest, to: shape, axes: [0]))
    let normalizer = unary(.log, sum(unary(.exp, shifted), axes: [1]))
    let target = sum(multiply(targets, shifted), axes: [1])
    return scale(sum(subtract(normalizer, target)), by: 1 / Double(shape[0]))
  }
}
