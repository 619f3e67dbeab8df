import Diagnostics

extension Model {
  /// Shape inference: gives every layer its input and output shapes and its parameters.
  ///
  /// Layers after a faulty one are skipped, all others are checked, so that one run
  /// reports every independent fault. Sizes are counted before use; nothing traps or allocates.
  /// Cost O(layers + operands).
  ///
  /// - Parameters:
  ///   - name: the spec's name.
  ///   - inputShape: one sample's shape.
  ///   - inputSpan: where the spec states it.
  ///   - layers: every operand before its use.
  ///   - output: where the logits come from; the last layer if nil.
  ///   - diagnostics: receives the faults.
  /// - Returns: the model, or nil if any layer is faulty.
  public static func infer(
    name: String, inputShape: [Int], inputSpan: Span, layers: [LayerSpec],
    output: Node.Operand? = nil, _ diagnostics: inout [Diagnostic]
  ) -> Model? {
    var inference = Inference(inputShape: inputShape, inputSpan: inputSpan, layers: layers)
    inference.run()
    diagnostics += inference.diagnostics
    let nodes = inference.nodes.compactMap { $0 }
    guard !inference.diagnostics.hasErrors, nodes.count == layers.count else { return nil }
    return Model(
      name: name, inputShape: inputShape, nodes: nodes,
      output: output ?? (nodes.isEmpty ? .input : .node(nodes.count - 1)))
  }
}

/// The walk of ``Model/infer(name:inputShape:inputSpan:layers:output:_:)`` over the layers.
private struct Inference {
  let inputShape: [Int]
  let inputSpan: Span
  let layers: [LayerSpec]
  /// Nil where a layer or one before it is faulty.
  var nodes: [Model.Node?] = []
  var diagnostics: [Diagnostic] = []
  private var parameterCount = 0

  init(inputShape: [Int], inputSpan: Span, layers: [LayerSpec]) {
    self.inputShape = inputShape
    self.inputSpan = inputSpan
    self.layers = layers
  }

  mutating func run() {
    guard ElementCount.of(inputShape) != nil else {
      diagnostics.append(
        .error(
          .shape, "input",
          "the network's input must have positive extents and at most 2^31 elements, found "
            + "\(inputShape)", at: inputSpan))
      return
    }
    for spec in layers { nodes.append(node(spec)) }
  }

  private mutating func node(_ spec: LayerSpec) -> Model.Node? {
    guard let layer = spec.layer else { return nil }
    let shapes = spec.inputs.compactMap(shape)
    guard shapes.count == spec.inputs.count else { return nil }
    let output: [Int]
    do {
      output = try layer.outputShape(of: shapes)
    } catch {
      report(spec, "rule", "\(spec.title) \(error.message)", help: error.help)
      return nil
    }
    guard ElementCount.of(output) != nil else {
      report(
        spec, "size",
        "\(spec.title) must have at most 2^31 elements per sample, found shape \(output)")
      return nil
    }
    guard let parameters = parameters(of: layer, for: shapes, spec) else { return nil }
    guard spec.inputs == [.input] || !parameters.contains(where: \.isOfData) else {
      report(
        spec, "input",
        "\(spec.title) takes its numbers from the data, so it must read the network's input",
        help: "put it first, or use 'batch_norm' here")
      return nil
    }
    return Model.Node(
      name: spec.name, layer: layer, operands: spec.inputs, inputShapes: shapes,
      outputShape: output, parameters: parameters, configuration: spec.configuration,
      span: spec.span)
  }

  private func shape(_ operand: Model.Node.Operand) -> [Int]? {
    switch operand {
    case .input: return inputShape
    case .node(let index):
      precondition(nodes.indices.contains(index), "a layer's operand must come before it")
      return nodes[index]?.outputShape
    }
  }

  private mutating func parameters(
    of layer: any Layer, for shapes: [[Int]], _ spec: LayerSpec
  ) -> [ParameterDeclaration]? {
    let parameters = layer.parameters(for: shapes)
    for parameter in parameters {
      let count = ElementCount.of(parameter.shape)
      guard let count, count <= ElementCount.limit - parameterCount else {
        report(
          spec, "size",
          "a model must have at most 2^31 parameters; \(spec.title) exceeds them with "
            + "'\(parameter.name)' of shape \(parameter.shape)")
        return nil
      }
      parameterCount += count
    }
    return parameters
  }

  private mutating func report(
    _ spec: LayerSpec, _ rule: String, _ message: String, help: String? = nil
  ) {
    diagnostics.append(
      .error(
        .shape, rule, message, at: spec.span, notes: spec.inputs.map(origin), help: help))
  }

  /// Says where a shape comes from.
  private func origin(_ operand: Model.Node.Operand) -> Diagnostic.Note {
    switch operand {
    case .input:
      Diagnostic.Note("the network's input is \(inputShape)", at: inputSpan)
    case .node(let index):
      Diagnostic.Note(
        "its input comes from \(layers[index].title) with shape "
          + "\(nodes[index]?.outputShape ?? [])", at: layers[index].span)
    }
  }
}
