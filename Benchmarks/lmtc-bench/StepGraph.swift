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
  private var builder = GraphBuilder("step")
  private let batch: Int
  private var parameters: [(name: String, value: Value)] = []
  private var norms: [Value] = []

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
      if index + 1 < layers.count {
        activation = builder.maximum(activation, builder.splat(0))
      }
    }
    let loss = marginLoss(activation, labels)
    let gradients = builder.gradients(of: loss, withRespectTo: parameters.map(\.value))
    adam(gradients)
    builder.output("loss", loss)
  }

  private mutating func parameter(_ name: String, _ shape: [Int]) -> Value {
    let value = builder.input(name, shape, isPersistent: true)
    parameters.append((name, value))
    return value
  }

  private mutating func convolution(
    _ x: Value, _ index: Int, _ filters: Int, _ kernel: Int, _ stride: Int, _ padding: Int
  ) -> Value {
    let shape = builder.shape(x)
    let filter = parameter("weight\(index)", [filters, shape[1], kernel, kernel])
    let bias = parameter("bias\(index)", [filters])
    let window = ConvolutionWindow(
      kernel: [kernel, kernel], strides: [stride, stride], paddingLow: [padding, padding],
      paddingHigh: [padding, padding])
    let y = builder.convolution(x, filter, window)
    let single = [1] + builder.shape(y).dropFirst()
    let v = builder.input("vector\(index)", single, isPersistent: true)
    let u = builder.apply(
      .convolutionInputGradient(window), [v, filter], as: TensorType([1] + shape.dropFirst()))
    powerIteration(index, u) { $0.convolution($1, filter, window) }
    return builder.add(y, builder.broadcast(bias, to: builder.shape(y), axes: [1]))
  }

  private mutating func dense(_ x: Value, _ index: Int, _ width: Int) -> Value {
    let count = builder.shape(x).dropFirst().reduce(1, *)
    let flat = builder.reshape(x, [batch, count])
    let weight = parameter("weight\(index)", [width, count])
    let bias = parameter("bias\(index)", [width])
    let y = builder.dot(flat, weight, transposeRight: true)
    let v = builder.input("vector\(index)", [1, width], isPersistent: true)
    let u = builder.dot(v, weight)
    powerIteration(index, u) { $0.dot($1, weight, transposeRight: true) }
    return builder.add(y, builder.broadcast(bias, to: [batch, width], axes: [1]))
  }

  /// σ = ‖Aᵀv‖, differentiable in A; then v ← A û / ‖A û‖ for the next step.
  private mutating func powerIteration(
    _ index: Int, _ u: Value, _ apply: (inout GraphBuilder, Value) -> Value
  ) {
    let norm = builder.euclideanNorm(u)
    norms.append(norm)
    let direction = builder.stopGradient(builder.divide(u, norm))
    let next = apply(&builder, direction)
    let length = builder.euclideanNorm(next)
    builder.output("vector\(index)", builder.divide(next, length))
  }

  /// Cross-entropy after √2 · c · L is added to every logit but the label's, with c = 1.
  private mutating func marginLoss(_ logits: Value, _ labels: Value) -> Value {
    let shape = builder.shape(logits)
    let bound = norms.dropFirst().reduce(norms[0]) { builder.multiply($0, $1) }
    let margin = builder.scale(bound, by: 2.0.squareRoot())
    let others = builder.subtract(builder.splat(1, like: labels), labels)
    let shifted = builder.add(logits, builder.multiply(others, margin))
    let largest = builder.stopGradient(builder.maximum(of: shifted, axes: [1]))
    let centred = builder.subtract(shifted, builder.broadcast(largest, to: shape, axes: [0]))
    let total = builder.sum(builder.unary(.exp, centred), axes: [1])
    let entropy = builder.subtract(
      builder.unary(.log, total), builder.sum(builder.multiply(centred, labels), axes: [1]))
    builder.output("bound", bound)
    return builder.scale(builder.sum(entropy), by: 1 / Double(batch))
  }

  private mutating func adam(_ gradients: [Value]) {
    let (rate, decay1, decay2, epsilon) = (1e-3, 0.9, 0.999, 1e-8)
    // βᵗ is kept as state: one multiplication a step.
    let power1 = builder.input("power1", [], isPersistent: true)
    let power2 = builder.input("power2", [], isPersistent: true)
    let next1 = builder.scale(power1, by: decay1)
    let next2 = builder.scale(power2, by: decay2)
    builder.output("power1", next1)
    builder.output("power2", next2)
    let one = builder.splat(1)
    let correction1 = builder.subtract(one, next1)
    let correction2 = builder.unary(.sqrt, builder.subtract(one, next2))
    let step = builder.divide(builder.splat(rate), correction1)
    for (parameter, gradient) in zip(parameters, gradients) {
      let shape = builder.shape(parameter.value)
      let m = builder.input("\(parameter.name).m", shape, isPersistent: true)
      let v = builder.input("\(parameter.name).v", shape, isPersistent: true)
      let nextM = builder.add(
        builder.scale(m, by: decay1), builder.scale(gradient, by: 1 - decay1))
      let square = builder.multiply(gradient, gradient)
      let nextV = builder.add(builder.scale(v, by: decay2), builder.scale(square, by: 1 - decay2))
      let root = builder.divide(builder.unary(.sqrt, nextV), correction2)
      let change = builder.divide(
        builder.multiply(nextM, step), builder.add(root, builder.splat(epsilon)))
      builder.output(parameter.name, builder.subtract(parameter.value, change))
      builder.output("\(parameter.name).m", nextM)
      builder.output("\(parameter.name).v", nextV)
    }
  }
}
