import TensorGraph

/// The order in which the values of a graph that depend on the sample are computed.
///
/// A stage is one operation that reads its operands as a whole, such as a sum of products, followed by
/// elementwise operations on its results. These run on tiles of consecutive elements while the tile is in the
/// cache, and only what other stages read is stored.
struct StagePlan: Sendable {
  /// How the first value of a stage is computed.
  enum Root: Sendable {
    case input
    /// A sum of products; tiles are finished one by one.
    case sum(SumRounding)
    /// Any other operation, computed as a whole.
    case whole
  }

  struct Stage: Sendable {
    fileprivate(set) var root: Root
    /// The root and the elementwise values that follow it, in order.
    fileprivate(set) var members: [Int]
    /// The stored values that no later stage reads.
    fileprivate(set) var lastReads: [Int] = []
  }

  /// What is stored of a value.
  struct Storage: Sendable, Hashable {
    /// Whether a sum of products reads it.
    var isSummed = false
    /// Whether another operation of a later stage reads it, elementwise or as a whole.
    var isRead = false
    /// Whether a layer of a later stage carries its error on.
    var isCarried = false
  }

  private(set) var stages: [Stage] = []
  /// The stored values.
  private(set) var storage: [Int: Storage] = [:]
  /// The stage of each value.
  private(set) var stageOf: [Int: Int] = [:]
  private let graph: Graph

  init(_ graph: Graph) { self.graph = graph }

  /// Appends the next value.
  ///
  /// - Parameters:
  ///   - sum: if the operation is one.
  ///   - operands: the values that depend on the sample among all that the operation reads.
  ///   - isSeparate: whether the value is to be computed when all elements of its operands are known.
  mutating func append(
    _ index: Int, sum: SumRounding?, operands: Set<Int>, isSeparate: Bool = false
  ) {
    let node = graph.nodes[index]
    let last = operands.compactMap { stageOf[$0] }.max()
    if let last, !isSeparate, node.operation.isElementwise || node.operation == .reshape,
      graph.nodes[stages[last].members[0]].type.count == node.type.count
    {
      stages[last].members.append(index)
      stageOf[index] = last
    } else {
      let root: Root = sum.map { .sum($0) } ?? (operands.isEmpty ? .input : .whole)
      stages.append(Stage(root: root, members: [index]))
      stageOf[index] = stages.count - 1
    }
    for operand in operands where stageOf[operand] != stageOf[index] {
      if sum != nil {
        storage[operand, default: Storage()].isSummed = true
      } else {
        storage[operand, default: Storage()].isRead = true
      }
    }
  }

  /// Stores the error of a layer's output for a layer of a later stage.
  mutating func carry(_ value: Int, to reader: Int) {
    if stageOf[value] != stageOf[reader] { storage[value, default: Storage()].isCarried = true }
  }

  /// Changes a stage's sum.
  mutating func change(sumOf stage: Int, _ body: (inout SumRounding) -> Void) {
    guard case .sum(var sum) = stages[stage].root else { return }
    body(&sum)
    stages[stage].root = .sum(sum)
  }

  /// Notes which stage reads a stored value last.
  ///
  /// - Parameter reads: for each value all that it reads, and for the output what the result needs.
  mutating func finish(reads: [Int: Set<Int>], keeping kept: Set<Int>) {
    var last: [Int: Int] = [:]
    for (reader, operands) in reads {
      guard let stage = stageOf[reader] else { continue }
      for operand in operands { last[operand] = max(last[operand] ?? stage, stage) }
    }
    for (value, stage) in last where storage[value] != nil && !kept.contains(value) {
      stages[stage].lastReads.append(value)
    }
  }
}

extension Operation {
  /// Whether element i of the result depends on element i of the operands alone.
  var isElementwise: Bool {
    switch self {
    case .unary, .binary, .compare, .select, .stopGradient, .withDerivative: true
    case .input, .splat, .literal, .broadcast, .reshape, .transpose, .reduce, .slice, .pad,
      .concatenate, .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient,
      .sumPool, .sumPoolGradient, .maxPoolSelect, .maxPoolScatter, .random, .cholesky,
      .triangularSolve:
      false
    }
  }

  /// Whether two results are no farther apart than their operands.
  var keepsDistances: Bool {
    switch self {
    case .reshape, .transpose, .slice, .pad, .stopGradient, .withDerivative: true
    case .input, .splat, .literal, .unary, .binary, .compare, .select, .broadcast, .reduce,
      .concatenate, .dot, .convolution, .convolutionInputGradient, .convolutionFilterGradient,
      .sumPool, .sumPoolGradient, .maxPoolSelect, .maxPoolScatter, .random, .cholesky,
      .triangularSolve:
      false
    }
  }
}
