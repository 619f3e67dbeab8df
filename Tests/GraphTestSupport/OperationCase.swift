import TensorGraph

/// One primitive operation on operands of given shapes, with a way to draw operands away from
/// kinks: the table that tests of the graph and the engines' conformance suite run over.
public struct OperationCase: Sendable, CustomStringConvertible {
  /// How an operand's elements are drawn; all are exact in float32.
  public enum Sampling: Sendable {
    /// Uniform in [−2, 2].
    case any
    /// Uniform in [0.5, 2].
    case positive
    /// Magnitude in [0.25, 2], either sign.
    case nonzero
    /// Multiples of 1/16, no two equal over all operands drawn so: no ties, and room for a step.
    case distinct
    /// 0 or 1.
    case mask
    /// A small whole number.
    case counter
    /// A square matrix with a dominant diagonal, so that its symmetric part is positive definite.
    case dominant
  }

  /// The operation with its attributes.
  public let operation: Operation
  /// The operands' shapes.
  public let operands: [[Int]]
  /// How each operand is drawn.
  public let sampling: [Sampling]
  /// The result's shape.
  public let result: [Int]
  /// Whether the operation is smooth enough there for a second derivative to be compared.
  public let isSmooth: Bool

  /// A case; the result's shape is inferred unless the operation needs it.
  init(
    _ operation: Operation, _ operands: [[Int]], _ sampling: [Sampling]? = nil,
    as result: [Int]? = nil, isSmooth: Bool = true
  ) {
    self.operation = operation
    self.operands = operands
    self.sampling = sampling ?? operands.map { _ in .any }
    self.isSmooth = isSmooth
    do {
      self.result = try operation.resultType(
        of: operands.map { TensorType($0) }, result: result.map { TensorType($0) }
      ).shape
    } catch {
      preconditionFailure("broken case: \(error)")
    }
  }

  /// The operation and its shapes.
  public var description: String {
    let shapes = operands.map { TensorType($0).description }.joined(separator: ", ")
    return "\(operation) (\(shapes)) → \(TensorType(result))"
  }

  /// A graph with inputs `x0`, `x1`, … and the output `y`.
  public var graph: Graph {
    let builder = GraphBuilder(operation.name)
    let inputs = operands.indices.map { builder.input("x\($0)", operands[$0]) }
    let y = builder.apply(operation, inputs, as: TensorType(result))
    builder.output("y", y)
    return builder.graph
  }

  /// Elements for the inputs of ``graph``.
  public func inputs(seed: UInt64) -> [String: [Double]] {
    let stream = CounterRandom.stream(seed: seed, description)
    let counts = operands.map { $0.reduce(1, *) }
    let distinct = operands.indices.filter { sampling[$0] == .distinct }.map { counts[$0] }
    var ladder = shuffledLadder(distinct.reduce(0, +), stream)[...]
    var inputs: [String: [Double]] = [:]
    for position in operands.indices {
      let counter = UInt64(position)
      if sampling[position] == .distinct {
        inputs["x\(position)"] = Array(ladder.prefix(counts[position]))
        ladder = ladder.dropFirst(counts[position])
      } else {
        inputs["x\(position)"] = (0..<counts[position]).map { index in
          draw(
            sampling[position],
            CounterRandom.uniform(stream: stream, counter: counter, index: UInt64(index)))
            + (sampling[position] == .dominant ? diagonal(index, operands[position][0]) : 0)
        }
      }
    }
    return inputs
  }

  private func diagonal(_ index: Int, _ order: Int) -> Double {
    index % (order + 1) == 0 ? Double(order) / 2 + 1 : 0
  }

  private func draw(_ sampling: Sampling, _ uniform: Double) -> Double {
    let coarse = (uniform * 4096).rounded(.down) / 4096
    return switch sampling {
    case .any, .distinct: coarse * 4 - 2
    case .positive: 0.5 + coarse * 1.5
    case .nonzero: coarse < 0.5 ? -0.25 - coarse * 3.5 : 0.25 + (coarse - 0.5) * 3.5
    case .mask: coarse < 0.5 ? 0 : 1
    case .counter: (coarse * 1000).rounded(.down)
    case .dominant: coarse - 0.5
    }
  }

  private func shuffledLadder(_ count: Int, _ stream: UInt64) -> [Double] {
    var ladder = (0..<count).map { Double($0 - count / 2) / 16 }
    for place in ladder.indices.reversed() {
      let bits = CounterRandom.bits(stream: stream, counter: 99, index: UInt64(place))
      ladder.swapAt(place, Int(bits % UInt64(place + 1)))
    }
    return ladder
  }
}
