import BoundAlgebra
import Catalog
import Diagnostics
import ModelIR
import SpecSyntax
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
    let (layer, diagnostics) = Self.decode(type, keys)
    guard let layer, diagnostics.isEmpty else {
      preconditionFailure("example \(type.kind) \(keys): \(diagnostics)")
    }
    self.layer = layer
    self.keys = keys
    shapes = inputs
  }

  /// A layer from flow text, and the faults.
  static func decode(_ type: any Layer.Type, _ keys: String) -> ((any Layer)?, [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    let file = SourceFile(path: "keys", text: keys)
    let value = keys.isEmpty ? nil : parseYAML(file, &diagnostics)
    var reader = ConfigReader(
      kind: type.kind, span: Span(file, 0, 0), value: value, mainKey: type.mainKey)
    let layer = type.init(from: &reader)
    reader.finish()
    return (layer, diagnostics + reader.diagnostics)
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
    var builder = GraphBuilder("layer")
    let x = builder.input("x", [inputCount(batch: batch)])
    var start = 0
    let inputs = shapes.map { shape in
      let count = batch * shape.reduce(1, *)
      let part = builder.apply(.slice(starts: [start], limits: [start + count], strides: [1]), [x])
      start += count
      return builder.reshape(part, [batch] + shape)
    }
    let mode: LoweringContext.Mode =
      isTraining ? .training(counter: builder.input("counter", []), seed: 1) : .inference
    let y = lower(inputs, mode: mode, &builder)
    builder.output("y", y)
    return builder.graph
  }

  /// The elements of all inputs together.
  var inputCount: Int { inputCount(batch: Self.batch) }

  /// The elements of all inputs together for a batch size.
  func inputCount(batch: Int) -> Int { shapes.map { batch * $0.reduce(1, *) }.reduce(0, +) }

  /// Appends the layer with its parameters as inputs.
  private func lower(
    _ inputs: [Value], mode: LoweringContext.Mode, _ builder: inout GraphBuilder
  ) -> Value {
    var values: [String: Value] = [:]
    for parameter in parameters {
      values["layer.\(parameter.name)"] = builder.input("layer.\(parameter.name)", parameter.shape)
    }
    var context = LoweringContext(
      builder: builder, inputs: inputs, mode: mode, name: "layer", parameters: values)
    let y = layer.lower(&context)
    builder = context.builder
    for (name, value) in context.updates { builder.output("new \(name)", value) }
    for (name, value) in context.provided { builder.output("bound \(name)", value) }
    return y
  }

  /// Parameters of unit scale, variances positive.
  func parameterValues(seed: UInt64) -> [String: [Double]] {
    var values: [String: [Double]] = [:]
    for parameter in parameters {
      let name = "layer.\(parameter.name)"
      let elements = Draw(seed: seed, name).centred(parameter.shape.reduce(1, *), scale: 1)
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
  func centred(_ count: Int, scale: Double) -> [Double] {
    (0..<count).map {
      scale * (2 * CounterRandom.uniform(stream: stream, counter: 0, index: UInt64($0)) - 1)
    }
  }
}
