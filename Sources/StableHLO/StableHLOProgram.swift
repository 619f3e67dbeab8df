import TensorGraph

/// A graph as a StableHLO module: MLIR text that XLA compiles for CPUs, GPUs and TPUs.
///
///     module @train_step {
///       func.func public @main(%images: tensor<64x784xf32> loc("images"), …) -> (tensor<f32>, …) {
///         %7 = stablehlo.dot_general %images, %w, contracting_dims = [1] x [1], … : … -> tensor<64x10xf32>
///         return %7 : tensor<64x10xf32>
///       }
///     }
///
/// `@main` takes the graph's inputs and returns its outputs, each in order of declaration. `%7` is the result of
/// node 7; `%v7$…` are what it is computed from. A function of the graph and the options alone.
/// See https://openxla.org/stablehlo/spec.
public struct StableHLOProgram: Sendable {
  /// How matrix products and convolutions may round their operands.
  public enum Precision: String, Sendable {
    /// As the device likes best: TF32 or bfloat16 on accelerators that have them.
    case fastest = "DEFAULT"
    /// As float32.
    case float32 = "HIGHEST"
  }

  /// The module.
  public let text: String

  /// The module of a graph that verifies.
  ///
  /// - Parameters:
  ///   - donating: inputs whose memory an output takes, by name: input to output of equal type. Who runs
  ///     the module gives such an input up. See ``persistentInputs(of:)``.
  ///   - precision: that of products and convolutions.
  ///   - places: where inputs come from, by name; see ``ValuePlaces``.
  ///   - sharding: how devices share the work; nil for one device.
  public init(
    _ graph: Graph, donating: [String: String] = [:], precision: Precision = .float32,
    places: [String: SourcePlace] = [:], sharding: BatchSharding? = nil
  ) {
    let names = ValueNames(graph)
    let places = ValuePlaces(graph, places)
    var body = FunctionBody(graph, names, precision)
    for index in graph.nodes.indices { body.append(Value(index), from: places[Value(index)]) }
    let arguments = graph.inputs.map { input in
      let result = donating[input.name].map { Self.result(of: graph, $0, for: input) }
      return Self.argument(graph, input, names, result, sharding, places[input.value])
    }
    text = Self.module(graph, names, arguments, body.lines, sharding)
  }

  private static func result(of graph: Graph, _ name: String, for input: Graph.Input) -> Int {
    guard let index = graph.outputs.firstIndex(where: { $0.name == name }),
      graph[graph.outputs[index].value].type == graph[input.value].type
    else { preconditionFailure("no output '\(name)' of the type of '\(input.name)'") }
    return index
  }

  /// The persistent inputs that the graph replaces: each by the output of its name.
  public static func persistentInputs(of graph: Graph) -> [String: String] {
    let outputs = Set(graph.outputs.map(\.name))
    let kept = graph.inputs.filter { $0.isPersistent && outputs.contains($0.name) }
    return Dictionary(uniqueKeysWithValues: kept.map { ($0.name, $0.name) })
  }

  private static func argument(
    _ graph: Graph, _ input: Graph.Input, _ names: ValueNames, _ alias: Int?,
    _ sharding: BatchSharding?, _ place: SourcePlace?
  ) -> String {
    let rank = graph[input.value].type.shape.count
    let known = [
      alias.map { "tf.aliasing_output = \($0) : i32" },
      sharding?.attribute(ofInput: input.name, rank: rank),
    ].compactMap { $0 }
    let attributes = known.isEmpty ? "" : " {\(listed(known))}"
    let name = quoted(input.name)
    let location = place.map { "\(name)(\($0.text))" } ?? name
    return "\(names[input.value]): \(graph[input.value].type.mlir)\(attributes) loc(\(location))"
  }

  private static func module(
    _ graph: Graph, _ names: ValueNames, _ arguments: [String], _ lines: [String],
    _ sharding: BatchSharding?
  ) -> String {
    let types = graph.outputs.map { graph[$0.value].type.mlir }
    let results = zip(graph.outputs, types).map { output, type in
      let rank = graph[output.value].type.shape.count
      let division = sharding.map { ", " + $0.attribute(ofResultOf: rank) } ?? ""
      return "\(type) {jax.result_info = \(quoted(output.name))\(division)}"
    }
    let returned = graph.outputs.map { names[$0.value] }.joined(separator: ", ")
    let end = types.isEmpty ? "return" : "return \(returned) : \(listed(types))"
    return """
      module @\(symbol(graph.name)) {\(sharding.map { "\n  " + $0.mesh } ?? "")
        func.func public @main(
      \(arguments.map { "    " + $0 }.joined(separator: ",\n"))
        ) -> (
      \(results.map { "    " + $0 }.joined(separator: ",\n"))
        ) {
      \((lines + [end]).map { "    " + $0 }.joined(separator: "\n"))
        }
      }

      """
  }
}
