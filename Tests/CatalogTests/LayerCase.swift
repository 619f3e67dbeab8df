import BoundAlgebra
import Catalog
import Diagnostics
import ModelIR
import TensorGraph
import Testing

/// One example of one layer, decoded and lowered: what the generic tests run on.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let layer: any Layer
  let keys: String
  let shapes: [[Int]]

  static let batch = 2

  /// Every example of every layer.
  static let all = Catalog.layers.flatMap { type in
    type.examples.map { LayerCase(type, $0.keys, inputs: $0.inputs) }
  }

  /// Decodes keys that must be faultless.
  init(_ type: any Layer.Type, _ keys: String, inputs: [[Int]]) {
    layer = type.decoded(keys)
    self.keys = keys
    shapes = inputs
  }

  var kind: String { type(of: layer).kind }
  var testDescription: String { "\(kind) \(keys) of \(shapes)" }
  var outputShape: [Int] { (try? layer.outputShape(of: shapes)) ?? [] }
  var parameters: [ParameterDeclaration] { layer.parameters(for: shapes) }
  var bound: LayerBound { layer.bound(in: LayerBoundContext(name: "layer", inputs: shapes)) }

  /// The layer of one vector [E] that is cut into the inputs; parameters are inputs `layer.…`, the
  /// result is `y`.
  ///
  /// In training there is an input `counter`, and new statistics are outputs
  /// `new layer.…`, what stands for them in the bound `bound layer.…`.
  func graph(isTraining: Bool = false, batch: Int = Self.batch) -> Graph {
    let builder = GraphBuilder("layer")
    let x = builder.input("x", [inputCount(batch: batch)])
    var start = 0
    let inputs = shapes.map { shape in
      let count = batch * shape.reduce(1, *)
      defer { start += count }
      return x.sliced(starts: [start], limits: [start + count], strides: [1])
        .reshaped([batch] + shape)
    }
    let mode: LoweringContext.Mode =
      isTraining ? .training(counter: builder.input("counter", []), seed: 1) : .inference
    let y = lower(inputs, mode: mode, builder)
    builder.output("y", y)
    return builder.graph
  }

  /// The elements of all inputs together.
  var inputCount: Int { inputCount(batch: Self.batch) }

  /// The elements of all inputs together for a batch size.
  func inputCount(batch: Int) -> Int { shapes.map { batch * $0.reduce(1, *) }.reduce(0, +) }

  /// Appends the layer with its parameters as inputs and what it says of its statistics as outputs.
  private func lower(
    _ inputs: [Tensor], mode: LoweringContext.Mode, _ builder: GraphBuilder
  ) -> Tensor {
    var values: [String: Tensor] = [:]
    for parameter in parameters {
      values["layer.\(parameter.name)"] = builder.input("layer.\(parameter.name)", parameter.shape)
    }
    let context = LoweringContext(
      builder: builder, inputs: inputs, mode: mode, name: "layer", parameters: values)
    let y = layer.lower(context)
    for (name, value) in context.updates { builder.output("new \(name)", value) }
    for (name, value) in context.provided { builder.output("bound \(name)", value) }
    return y
  }

  /// Parameters of unit scale, variances positive.
  func parameterValues(seed: UInt64) -> [String: [Double]] {
    var values: [String: [Double]] = [:]
    for parameter in parameters {
      let name = "layer.\(parameter.name)"
      let elements = Draw(seed: seed, name).centered(parameter.shape.reduce(1, *), scale: 1)
      let isVariance = parameter.name == "running_var"
      values[name] = isVariance ? elements.map { 0.25 + $0.magnitude } : elements
    }
    return values
  }
}

/// Seeded numbers for tests.
struct Draw {
  private let stream: UInt64

  init(seed: UInt64, _ name: String) {
    stream = CounterRandom.stream(seed: seed, name)
  }

  /// Uniform in [−scale, scale).
  func centered(_ count: Int, scale: Double) -> [Double] {
    (0..<count).map {
      scale * (2 * CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 1)
    }
  }
}
