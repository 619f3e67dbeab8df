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
  ///   - donating: inputs whose memory an output may take, by name: input to output of equal type. The
  ///     caller gives such an input up. See ``persistentInputs(of:)``.
  ///   - precision: that of products and convolutions.
  ///   - places: MLIR locations of inputs by name, such as `"spec.yaml":12:3`.
  ///   - sharding: how devices share the work; nil for one device.
  public init(
    _ graph: Graph, donating: [String: String] = [:], precision: Precision = .float32,
    places: [String: SourcePlace] = [:], sharding: BatchSharding? = nil
  ) {
    let names = ValueNames(graph)
    var body = FunctionBody(graph, names, precision)
    for index in graph.nodes.indices { body.append(Value(index)) }
    let arguments = graph.inputs.map { input in
      let output = donating[input.name]
      let result = graph.outputs.firstIndex { $0.name == output }
      return Self.argument(graph, input, names, result, sharding, places[input.name])
    }
    text = Self.module(graph, names, arguments, body.lines, sharding)
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
    let end = graph.outputs.isEmpty ? "return" : "return \(returned) : \(listed(types))"
    return """
      module @\(quoted(graph.name)) {\(sharding.map { "\n  " + $0.mesh } ?? "")
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

/// A line and column of a source file, from 1.
public struct SourcePlace: Hashable, Sendable {
  /// The file's path.
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// The column, from 1.
  public var column: Int

  /// A place.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `"spec.yaml":12:3`.
  var text: String { "\(quoted(file)):\(line):\(column)" }
}
