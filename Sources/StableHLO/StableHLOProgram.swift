import Diagnostics
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
  /// The line of the text with the first operation, from 1.
  private let firstLine: Int
  /// The node of each line from there on.
  private let values: [Value]
  private let places: ValuePlaces

  /// The module of a graph that verifies.
  ///
  /// - Parameters:
  ///   - donating: inputs whose memory an output takes, by name: input to output of equal type. Who runs
  ///     the module gives such an input up. See ``persistentInputs(of:)``.
  ///   - precision: that of products and convolutions.
  ///   - isLocated: whether operations have their places in the spec. Without them a compiler's messages point at
  ///     lines of the text, for which ``value(atLine:)`` has the operations.
  ///   - sharding: how devices share the work; nil for one device.
  public init(
    _ graph: Graph, donating: [String: String] = [:], precision: Precision = .float32,
    isLocated: Bool = false, sharding: BatchSharding? = nil
  ) {
    let names = ValueNames(graph)
    places = ValuePlaces(graph)
    var body = FunctionBody(graph, names, precision)
    for value in graph.nodes.indices.map(Value.init) {
      body.append(value, from: isLocated ? places[value] : nil)
    }
    let arguments = graph.inputs.map { input in
      let result = donating[input.name].map { Self.result(of: graph, $0, for: input) }
      let place = isLocated ? input.place : nil
      return Self.argument(graph, input, names, result, sharding, place)
    }
    let head = Self.head(graph, arguments, sharding)
    firstLine = head.count(where: { $0 == "\n" }) + 1
    values = body.values
    text = head + Self.tail(graph, names, body.lines)
  }

  /// The node that a line of the text belongs to, from 1; nil for what is no operation of the graph.
  public func value(atLine line: Int) -> Value? {
    values.indices.contains(line - firstLine) ? values[line - firstLine] : nil
  }

  /// The layer in the spec that a node belongs to, as far as that follows from its inputs.
  public func place(of value: Value) -> Span? { places[value] }

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
    _ sharding: BatchSharding?, _ place: Span?
  ) -> String {
    let rank = graph[input.value].type.shape.count
    let known = [
      alias.map { "tf.aliasing_output = \($0) : i32" },
      sharding?.attribute(ofInput: input.name, rank: rank),
    ].compactMap { $0 }
    let attributes = known.isEmpty ? "" : " {\(listed(known))}"
    let name = quoted(input.name)
    let location = place.map { "\(name)(\($0.location))" } ?? name
    return "\(names[input.value]): \(graph[input.value].type.mlir)\(attributes) loc(\(location))"
  }

  /// The lines before the operations.
  private static func head(
    _ graph: Graph, _ arguments: [String], _ sharding: BatchSharding?
  ) -> String {
    let results = graph.outputs.map { output in
      let type = graph[output.value].type
      let division = sharding.map { ", " + $0.attribute(ofResultOf: type.shape.count) } ?? ""
      return "\(type.mlir) {jax.result_info = \(quoted(output.name))\(division)}"
    }
    return """
      module @\(symbol(graph.name)) {\(sharding.map { "\n  " + $0.mesh } ?? "")
        func.func public @main(
      \(arguments.map { "    " + $0 }.joined(separator: ",\n"))
        ) -> (
      \(results.map { "    " + $0 }.joined(separator: ",\n"))
        ) {

      """
  }

  /// The operations and all that follows.
  private static func tail(_ graph: Graph, _ names: ValueNames, _ lines: [String]) -> String {
    let types = graph.outputs.map { graph[$0.value].type.mlir }
    let returned = listed(graph.outputs.map { names[$0.value] })
    let end = types.isEmpty ? "return" : "return \(returned) : \(listed(types))"
    return (lines + [end]).map { "    " + $0 + "\n" }.joined() + "  }\n}\n"
  }
}
