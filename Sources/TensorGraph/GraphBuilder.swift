/// Appends nodes to a graph, inferring types; a broken type rule is a bug and traps.
///
/// Shape mistakes of users are found before, by the layers' shape rules.
public struct GraphBuilder: Sendable {
  /// The graph so far.
  public private(set) var graph: Graph

  /// An empty graph.
  public init(_ name: String) { graph = Graph(name: name) }

  /// Goes on with a graph.
  public init(extending graph: Graph) { self.graph = graph }

  /// The type of a value.
  public func type(_ value: Value) -> TensorType { graph[value].type }
  /// The shape of a value.
  public func shape(_ value: Value) -> [Int] { graph[value].type.shape }

  /// Appends one operation.
  @discardableResult
  public mutating func apply(
    _ operation: Operation, _ operands: [Value] = [], as result: TensorType? = nil
  ) -> Value {
    do {
      let type = try operation.resultType(of: operands.map { self.type($0) }, result: result)
      graph.nodes.append(Node(operation, operands, type))
      return Value(graph.nodes.count - 1)
    } catch {
      preconditionFailure("graph '\(graph.name)': \(error)")
    }
  }

  /// Declares an input.
  public mutating func input(
    _ name: String, _ shape: [Int], isPersistent: Bool = false
  ) -> Value {
    let value = apply(.input(name), as: TensorType(shape))
    graph.inputs.append(.init(name: name, value: value, isPersistent: isPersistent))
    return value
  }

  /// Declares an output.
  public mutating func output(_ name: String, _ value: Value) {
    graph.outputs.append(.init(name: name, value: value))
  }
}

extension GraphBuilder {
  /// The same number everywhere.
  public mutating func splat(_ number: Double, _ shape: [Int] = []) -> Value {
    apply(.splat(number), as: TensorType(shape))
  }
  /// A number in the type of another value.
  public mutating func splat(_ number: Double, like value: Value) -> Value {
    apply(.splat(number), as: type(value))
  }
  /// A literal tensor.
  public mutating func literal(_ elements: [Double], _ shape: [Int]) -> Value {
    apply(.literal(Literal(elements)), as: TensorType(shape))
  }
  /// An elementwise function.
  public mutating func unary(_ function: Operation.Unary, _ x: Value) -> Value {
    apply(.unary(function), [x])
  }
  /// An elementwise function of two values; a scalar operand is broadcast.
  public mutating func binary(_ function: Operation.Binary, _ a: Value, _ b: Value) -> Value {
    let (a, b) = matched(a, b)
    return apply(.binary(function), [a, b])
  }
  /// a + b.
  public mutating func add(_ a: Value, _ b: Value) -> Value { binary(.add, a, b) }
  /// a − b.
  public mutating func subtract(_ a: Value, _ b: Value) -> Value { binary(.subtract, a, b) }
  /// a · b, elementwise.
  public mutating func multiply(_ a: Value, _ b: Value) -> Value { binary(.multiply, a, b) }
  /// a / b.
  public mutating func divide(_ a: Value, _ b: Value) -> Value { binary(.divide, a, b) }
  /// The larger; at a tie the derivative goes to b.
  public mutating func maximum(_ a: Value, _ b: Value) -> Value { binary(.maximum, a, b) }
  /// The smaller; at a tie the derivative goes to b.
  public mutating func minimum(_ a: Value, _ b: Value) -> Value { binary(.minimum, a, b) }
  /// factor · x.
  public mutating func scale(_ x: Value, by factor: Double) -> Value {
    let factor = splat(factor, like: x)
    return apply(.binary(.multiply), [x, factor])
  }
  /// 1 where the relation holds; a scalar operand is broadcast.
  public mutating func compare(
    _ relation: Operation.Comparison, _ a: Value, _ b: Value
  ) -> Value {
    let (a, b) = matched(a, b)
    return apply(.compare(relation), [a, b])
  }
  /// a where the mask is not 0, else b.
  public mutating func select(_ mask: Value, _ a: Value, _ b: Value) -> Value {
    apply(.select, [mask, a, b])
  }
  /// Repeats x along the axes not listed.
  public mutating func broadcast(_ x: Value, to shape: [Int], axes: [Int]) -> Value {
    apply(.broadcast(axes: axes), [x], as: TensorType(shape))
  }
  /// The same elements under another shape.
  public mutating func reshape(_ x: Value, _ shape: [Int]) -> Value {
    shape == self.shape(x) ? x : apply(.reshape, [x], as: TensorType(shape))
  }
  /// Result axis i is operand axis `permutation[i]`.
  public mutating func transpose(_ x: Value, _ permutation: [Int]) -> Value {
    apply(.transpose(permutation), [x])
  }
  /// Sum over axes, all if none are given.
  public mutating func sum(_ x: Value, axes: [Int]? = nil) -> Value {
    apply(.reduce(.sum, axes: axes ?? Array(0..<type(x).rank)), [x])
  }
  /// Maximum over axes, all if none are given.
  public mutating func maximum(of x: Value, axes: [Int]? = nil) -> Value {
    apply(.reduce(.maximum, axes: axes ?? Array(0..<type(x).rank)), [x])
  }
  /// Matrix product.
  public mutating func dot(
    _ a: Value, _ b: Value, transposeLeft: Bool = false, transposeRight: Bool = false
  ) -> Value {
    apply(.dot(transposeLeft: transposeLeft, transposeRight: transposeRight), [a, b])
  }
  /// Cross-correlation.
  public mutating func convolution(
    _ x: Value, _ filter: Value, _ window: ConvolutionWindow
  ) -> Value {
    apply(.convolution(window), [x, filter])
  }
  /// Maximum over each window.
  public mutating func maxPool(_ x: Value, _ window: PoolWindow) -> Value {
    apply(.maxPoolSelect(window), [x, x])
  }
  /// No derivative flows through.
  public mutating func stopGradient(_ x: Value) -> Value { apply(.stopGradient, [x]) }

  /// The Euclidean norm of all elements, a scalar; its derivative at 0 is 0 instead of NaN.
  public mutating func euclideanNorm(_ x: Value) -> Value {
    let square = multiply(x, x)
    let total = sum(square)
    let zero = splat(0)
    let one = splat(1)
    let positive = compare(.greater, total, zero)
    let safe = select(positive, total, one)
    let root = unary(.sqrt, safe)
    return select(positive, root, zero)
  }

  private mutating func matched(_ a: Value, _ b: Value) -> (Value, Value) {
    if type(a) == type(b) { return (a, b) }
    if type(a).rank == 0 { return (broadcast(a, to: shape(b), axes: []), b) }
    if type(b).rank == 0 { return (a, broadcast(b, to: shape(a), axes: [])) }
    return (a, b)
  }
}
