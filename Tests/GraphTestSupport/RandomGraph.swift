import TensorGraph

/// Seeded random graphs: every structural operation, constants, repeated and dead nodes, and the
/// patterns that simplification looks for.
public struct RandomGraph {
  private let builder: GraphBuilder
  private var values: [Tensor] = []
  private let stream: UInt64
  private var draws: UInt64 = 0

  /// A graph of about `size` nodes with inputs `a` [3, 4], `b` [4, 3], `s` [] and a persistent `w`
  /// [3, 4] that is updated.
  public static func make(seed: UInt64, size: Int = 40) -> Graph {
    var random = RandomGraph(seed: seed)
    while random.builder.graph.nodes.count < size { random.grow() }
    for position in 0..<4 { random.builder.output("y\(position)", random.any()) }
    random.builder.output("w", random.any(like: TensorType([3, 4])))
    return random.builder.graph
  }

  /// Values for the inputs of ``make(seed:size:)``.
  public static func inputs(seed: UInt64) -> [String: [Double]] {
    let stream = CounterRandom.stream(seed: seed, "random inputs")
    func draw(_ count: Int, _ counter: UInt64) -> [Double] {
      (0..<count).map {
        4 * CounterRandom.uniform(stream: stream, counter: counter, index: UInt64($0)) - 2
      }
    }
    return ["a": draw(12, 0), "b": draw(12, 1), "s": draw(1, 2), "w": draw(12, 3)]
  }

  private init(seed: UInt64) {
    builder = GraphBuilder("random \(seed)")
    stream = CounterRandom.stream(seed: seed, "random graph")
    values = [
      builder.input("a", [3, 4]), builder.input("b", [4, 3]), builder.input("s", []),
      builder.input("w", [3, 4], isPersistent: true),
    ]
  }

  private mutating func pick(_ count: Int) -> Int {
    draws += 1
    return Int(CounterRandom.bits(stream: stream, counter: 0, index: draws) % UInt64(count))
  }

  private mutating func any() -> Tensor { values[pick(values.count)] }

  private mutating func any(like type: TensorType) -> Tensor {
    let equal = values.filter { $0.type == type }
    return equal[pick(equal.count)]
  }

  private mutating func grow() {
    let x = any()
    let type = x.type
    let rank = type.rank
    switch pick(16) {
    case 0:
      let functions: [Operation.Unary] = [.negate, .abs, .tanh, .logistic, .sign, .negate]
      append(.unary(functions[pick(functions.count)]), [x])
    case 1, 2:
      let functions = Operation.Binary.allCases.filter { $0 != .divide }
      append(.binary(functions[pick(functions.count)]), [x, any(like: type)])
    case 3:
      let relation = Operation.Comparison.allCases[pick(5)]
      append(.select, [append(.compare(relation), [x, any(like: type)]), x, any(like: type)])
    case 4, 5:
      let numbers = [0, 1, -1, 2, 0.5]
      append(.splat(numbers[pick(numbers.count)]), [], as: type)
    case 6:
      append(.literal(Literal((0..<type.count).map { Double($0 % 3) - 1 })), [], as: type)
    case 7:
      append(.reshape, [x], as: TensorType([type.count]))
      append(.reshape, [x], as: type)
    case 8:
      append(.transpose(Array((0..<rank).reversed())), [x])
    case 9:
      let axes = rank == 0 ? [] : [pick(rank)]
      append(.reduce(pick(2) == 0 ? .sum : .maximum, axes: axes), [x])
    case 10:
      if rank == 0 { append(.broadcast(axes: []), [x], as: TensorType([3, 4])) }
      if rank == 1 { append(.broadcast(axes: [1]), [x], as: TensorType([2] + type.shape)) }
    case 11:
      let starts = type.shape.map { min($0, pick(2)) }
      let ones = type.shape.map { _ in 1 }
      append(.slice(starts: starts, limits: type.shape, strides: ones), [x])
    case 12:
      let zeros = type.shape.map { _ in 0 }
      append(.pad(low: zeros, high: type.shape.map { _ in pick(2) }, interior: zeros), [x])
    case 13:
      if rank > 0, type.count < 100 {
        append(.concatenate(axis: pick(rank)), [x, any(like: type)])
      }
    case 14:
      if rank == 2, type.count < 100 {
        append(.dot(transposeLeft: true, transposeRight: false), [x, any(like: type)])
      }
    default:
      append(.stopGradient, [x])
    }
  }

  @discardableResult
  private mutating func append(
    _ operation: Operation, _ operands: [Tensor], as result: TensorType? = nil
  ) -> Tensor {
    let value = builder.apply(operation, operands, as: result)
    values.append(value)
    return value
  }
}
