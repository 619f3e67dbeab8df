import Diagnostics

/// The graph under construction; every ``Tensor`` of it shares this one reference.
///
/// Types are inferred, and a broken type rule is a bug and traps: shape mistakes of users are found
/// before, by the layers' shape rules.
public final class GraphBuilder {
  /// The graph so far.
  public private(set) var graph: Graph

  /// An empty graph.
  public init(_ name: String) { graph = Graph(name: name) }

  /// Continues a graph.
  public init(extending graph: Graph) { self.graph = graph }

  /// The handle of a value of the graph.
  public func tensor(_ value: Value) -> Tensor { Tensor(builder: self, value: value) }

  /// Appends one operation.
  ///
  /// - Parameter result: the result's type where ``Operation/needsResultType``.
  @discardableResult
  public func apply(
    _ operation: Operation, _ operands: [Tensor] = [], as result: TensorType? = nil
  ) -> Tensor {
    precondition(operands.allSatisfy { $0.builder === self }, "an operand of another graph")
    do {
      let type = try operation.resultType(of: operands.map(\.type), result: result)
      graph.nodes.append(Node(operation, operands.map(\.value), type))
      return tensor(Value(graph.nodes.count - 1))
    } catch {
      preconditionFailure("graph '\(graph.name)': \(error)")
    }
  }

  /// Declares an input.
  ///
  /// - Parameter place: where the user declared what it belongs to.
  public func input(
    _ name: String, _ shape: [Int], isPersistent: Bool = false, place: Span? = nil
  ) -> Tensor {
    let tensor = apply(.input(name), as: TensorType(shape))
    graph.inputs.append(
      .init(name: name, value: tensor.value, isPersistent: isPersistent, place: place))
    return tensor
  }

  /// Declares an output.
  public func output(_ name: String, _ tensor: Tensor) {
    graph.outputs.append(.init(name: name, value: tensor.value))
  }

  /// The same number everywhere.
  public func constant(_ number: Double, _ shape: [Int] = []) -> Tensor {
    apply(.splat(number), as: TensorType(shape))
  }

  /// A constant tensor of given elements in row-major order.
  public func literal(_ elements: [Double], _ shape: [Int]) -> Tensor {
    apply(.literal(Literal(elements)), as: TensorType(shape))
  }

  /// The identity matrix.
  public func identity(_ order: Int) -> Tensor {
    let places = literal((0..<order).map(Double.init), [order])
    let shape = [order, order]
    return places.broadcast(to: shape, axes: [0]) .== places.broadcast(to: shape, axes: [1])
  }

  /// Uniform numbers in [0, 1), one for each element of a tensor; see ``CounterRandom``.
  ///
  /// - Parameter counter: a scalar.
  public func random(stream: UInt64, counter: Tensor, like tensor: Tensor) -> Tensor {
    apply(.random(stream: stream), [counter], as: tensor.type)
  }
}
