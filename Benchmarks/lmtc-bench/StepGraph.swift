import TensorGraph

/// A network of the benchmark, layer by layer; ReLU stands between consecutive layers.
enum BenchmarkLayer {
  case convolution(filters: Int, kernel: Int, stride: Int, padding: Int)
  case dense(Int)
}

/// One training step of Lipschitz-Margin Training as a graph: forward, a power-iteration step for
/// each linear operator, margin addition, cross-entropy, backward, Adam.
///
/// Persistent inputs are the weights, their moments, the power-iteration vectors and the count of
/// steps.
struct StepGraph {
  private let builder = GraphBuilder("step")
  private let batch: Int
  private var parameters: [(name: String, value: Tensor)] = []
  private var norms: [Tensor] = []

  /// The step of a network on inputs of `shape` (without the batch) with a number of classes.
  static func build(
    _ layers: [BenchmarkLayer], batch: Int, shape: [Int], classes: Int
  ) -> Graph {
    var step = StepGraph(batch: batch)
    step.build(layers, shape, classes)
    return step.builder.graph
  }

  private init(batch: Int) { self.batch = batch }

  private mutating func build(_ layers: [BenchmarkLayer], _ shape: [Int], _ classes: Int) {
    var activation = builder.input("x", [batch] + shape)
    let labels = builder.input("labels", [batch, classes])
    for (index, layer) in layers.enumerated() {
      switch layer {
      case .convolution(let filters, let kernel, let stride, let padding):
        activation = convolution(activation, index, filters, kernel, stride, padding)
      case .dense(let width):
        activation = dense(activation, index, width)
      }
      if index + 1 < layers.count { activation = max(activation, 0) }
    }
    let loss = marginLoss(activation, labels)
    let gradients = loss.gradients(withRespectTo: parameters.map(\.value))
    adam(gradients)
    builder.output("loss", loss)
  }

  private mutating func parameter(_ name: String, _ shape: [Int]) -> Tensor {
    let value = builder.input(name, shape, isPersistent: true)
    parameters.append((name, value))
    return value
  }

  private mutating func convolution(
    _ x: Tensor, _ index: Int, _ filters: Int, _ kernel: Int, _ stride: Int, _ padding: Int
  ) -> Tensor {
    let shape = x.shape
    let filter = parameter("weight\(index)", [filters, shape[1], kernel, kernel])
    let bias = parameter("bias\(index)", [filters])
    let window = ConvolutionWindow(
      kernel: [kernel, kernel], strides: [stride, stride], paddingLow: [padding, padding],
      paddingHigh: [padding, padding])
    let y = x.convolved(with: filter, window)
    let single = [1] + y.shape.dropFirst()
    let v = builder.input("vector\(index)", single, isPersistent: true)
    let u = builder.apply(
      .convolutionInputGradient(window), [v, filter], as: TensorType([1] + shape.dropFirst()))
    powerIteration(index, u) { $0.convolved(with: filter, window) }
    return y + bias.broadcast(like: y, axes: [1])
  }

  private mutating func dense(_ x: Tensor, _ index: Int, _ width: Int) -> Tensor {
    let count = x.shape.dropFirst().reduce(1, *)
    let flat = x.reshaped([batch, count])
    let weight = parameter("weight\(index)", [width, count])
    let bias = parameter("bias\(index)", [width])
    let y = flat.dot(weight, transposeRight: true)
    let v = builder.input("vector\(index)", [1, width], isPersistent: true)
    let u = v.dot(weight)
    powerIteration(index, u) { $0.dot(weight, transposeRight: true) }
    return y + bias.broadcast(to: [batch, width], axes: [1])
  }

  /// σ = ‖Aᵀv‖, differentiable in A; then v ← A û / ‖A û‖ for the next step.
  private mutating func powerIteration(
    _ index: Int, _ u: Tensor, _ apply: (Tensor) -> Tensor
  ) {
    let norm = u.euclideanNorm()
    norms.append(norm)
    let next = apply(stopGradient(u / norm))
    builder.output("vector\(index)", next / next.euclideanNorm())
  }

  /// Cross-entropy after √2 · c · L is added to every logit but the label's, with c = 1.
  private mutating func marginLoss(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    let shape = logits.shape
    let bound = norms.dropFirst().reduce(norms[0], *)
    let margin = bound * 2.0.squareRoot()
    let others = 1 - labels
    let shifted = logits + others * margin
    let largest = stopGradient(shifted.maximum(axes: [1]))
    let centered = shifted - largest.broadcast(to: shape, axes: [0])
    let total = exp(centered).sum(axes: [1])
    let entropy = log(total) - (centered * labels).sum(axes: [1])
    builder.output("bound", bound)
    return entropy.sum() * (1 / Double(batch))
  }

  private mutating func adam(_ gradients: [Tensor]) {
    let (rate, decay1, decay2, epsilon) = (1e-3, 0.9, 0.999, 1e-8)
    // βᵗ is kept as state: one multiplication a step.
    let power1 = builder.input("power1", [], isPersistent: true)
    let power2 = builder.input("power2", [], isPersistent: true)
    let next1 = power1 * decay1
    let next2 = power2 * decay2
    builder.output("power1", next1)
    builder.output("power2", next2)
    let correction1 = 1 - next1
    let correction2 = sqrt(1 - next2)
    let step = rate / correction1
    for (parameter, gradient) in zip(parameters, gradients) {
      let shape = parameter.value.shape
      let m = builder.input("\(parameter.name).m", shape, isPersistent: true)
      let v = builder.input("\(parameter.name).v", shape, isPersistent: true)
      let nextM = m * decay1 + gradient * (1 - decay1)
      let square = gradient * gradient
      let nextV = v * decay2 + square * (1 - decay2)
      let root = sqrt(nextV) / correction2
      let change = nextM * step / (root + epsilon)
      builder.output(parameter.name, parameter.value - change)
      builder.output("\(parameter.name).m", nextM)
      builder.output("\(parameter.name).v", nextV)
    }
  }
}
