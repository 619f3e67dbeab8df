import Compiler
import Enclosure
import Execution
import Files
import ModelIR
import TensorGraph

/// Looks for the largest rates at which parts of a network and differences of logits change, on all cores.
///
/// Pairs of points start from test points, or what the network makes of them, in random directions and at
/// several distances, and are moved by ``StretchStep``. A rate that is reported is proved by enclosures of
/// the images of two points.
struct ConstantSearch: Sendable {
  private let context: SearchContext

  init(_ context: SearchContext) { self.context = context }

  /// A constant to test.
  struct Claim: Sendable {
    let claim: Contradiction.Claim
    let part: NetworkPart
    let claimed: Double
  }

  /// Two points, and how fast the map is certain to change between them.
  struct Found: Sendable {
    let claim: Claim
    let rate: LowerBound
    let ends: [[Float]]
  }

  /// Pairs of points that are moved at once.
  static let batch = 32
  private static let steps = 40
  /// Pairs of points of which a rate is proved.
  private static let proofs = 3
  /// Test points to start from.
  private static let starts = 8
  /// Distances to start with, as shares of the norm of a start.
  private static let lengths: [Double] = [1e-2, 1e-1, 1e-3, 1]
  /// Pairs of points of all differences of logits, at most ``starts`` each.
  private static let differences = 1024

  /// The largest proved rate for each constant, in order.
  func run(_ claims: [Claim]) throws -> [Found] {
    let centers = try outputs(of: Array(0..<min(Self.starts, context.samples.count)))
    let pairs = claims.filter { $0.part == .logits }
    let each = max(1, min(Self.starts, Self.differences / max(1, pairs.count)))
    let share = max(1, Self.batch / each)
    var units = claims.filter { $0.part != .logits }.map { [$0] }
    units += stride(from: 0, to: pairs.count, by: share).map {
      Array(pairs[$0..<min($0 + share, pairs.count)])
    }
    let all = units
    context.observer.expect(all.count)
    return try context.engines.workers.map(all.count) {
    } _: { _, unit in
      defer { context.observer.advance(by: 1) }
      return try search(all[unit], centers: centers, number: unit)
    }.flatMap { $0 }
  }

  /// The inputs, under -1, and outputs of every layer for some samples.
  private func outputs(of indices: [Int]) throws -> [Int: [[Float]]] {
    let executable = try context.engines.serial.compile(
      LayerOutputs(model: context.model, batch: indices.count).graph)
    executable.load(context.weights, named: context.parameters)
    try executable.write(context.samples, indices, to: LayerOutputs.images)
    try executable.execute()
    var outputs = [-1: try indices.map { Array(try context.samples[$0]) }]
    for node in context.model.nodes.indices {
      executable.withOutput(LayerOutputs.name(node)) { buffer in
        let size = buffer.count / indices.count
        outputs[node] = indices.indices.map { Array(buffer[$0 * size..<($0 + 1) * size]) }
      }
    }
    return outputs
  }

  /// Claims of one part, each with an equal share of the pairs of points.
  private func search(
    _ claims: [Claim], centers: [Int: [[Float]]], number: Int
  ) throws -> [Found] {
    let part = claims[0].part
    let starts = centers[source(of: part)] ?? []
    let executable = try context.engines.serial.compile(
      StretchStep(part, of: context.model, batch: Self.batch, seed: context.seed).graph)
    executable.load(
      context.weights, named: PartGraph.parameters(of: part, in: context.model))
    start(
      executable, from: starts,
      stream: CounterRandom.stream(seed: context.seed, "stretch \(number)"))
    if part == .logits { writeFactors(of: claims, to: executable) }
    for step in 0..<Self.steps {
      executable.withInput(StretchStep.Name.counter) {
        // Kept below 2²⁴, where float32 counts by ones.
        $0[0] = Float((number * Self.steps + step) % (1 << 24))
      }
      try executable.execute()
    }
    return claims.indices.map { slot in
      let slots = (0..<Self.batch).filter { $0 % claims.count == slot }
      return proved(claims[slot], among: candidates(executable, slots))
    }
  }

  /// The layer whose output a part's arguments are, -1 for the network's input.
  private func source(of part: NetworkPart) -> Int {
    guard case .layer(let index) = part,
      case .node(let operand) = context.model.nodes[index].operands[0]
    else { return -1 }
    return operand
  }

  private func start(_ executable: any Executable, from starts: [[Float]], stream: UInt64) {
    let size = starts[0].count
    var ends = [Float](repeating: 0, count: 2 * Self.batch * size)
    var lengths: [Float] = []
    for slot in 0..<Self.batch {
      let center = starts[slot / Self.lengths.count % starts.count]
      let norm = center.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let usual = norm > 0 && norm.isFinite ? norm : 1
      let length = Float(usual * Self.lengths[slot % Self.lengths.count])
      var direction = [Float](repeating: 0, count: size)
      direction.withUnsafeMutableBufferPointer {
        RandomDirection.fill($0, stream: stream, counter: UInt64(slot))
      }
      for element in 0..<size {
        ends[slot * size + element] = center[element]
        ends[(Self.batch + slot) * size + element] =
          center[element] + length * direction[element]
      }
      lengths.append(length)
    }
    executable.withInput(StretchStep.Name.ends) { _ = $0.update(fromContentsOf: ends) }
    executable.withInput(StretchStep.Name.best) { _ = $0.update(fromContentsOf: ends) }
    executable.withInput(StretchStep.Name.lengths) { _ = $0.update(fromContentsOf: lengths) }
    executable.withInput(StretchStep.Name.ratios) { $0.update(repeating: -1) }
  }

  private func writeFactors(of claims: [Claim], to executable: any Executable) {
    executable.withInput(StretchStep.Name.factors) { buffer in
      buffer.update(repeating: 0)
      for slot in 0..<Self.batch {
        guard case .pair(let i, let j) = claims[slot % claims.count].claim else { continue }
        buffer[slot * context.samples.classes + i] = 1
        buffer[slot * context.samples.classes + j] = -1
      }
    }
  }

  /// The pairs of points that look steepest.
  private func candidates(_ executable: any Executable, _ slots: [Int]) -> [[[Float]]] {
    let ratios = executable.withCurrentInput(StretchStep.Name.ratios) { Array($0) }
    let steepest = slots.sorted { ratios[$0] > ratios[$1] }.prefix(Self.proofs)
    return executable.withCurrentInput(StretchStep.Name.best) { buffer in
      let size = buffer.count / (2 * Self.batch)
      return steepest.map { slot in
        [slot, Self.batch + slot].map { Array(buffer[$0 * size..<($0 + 1) * size]) }
      }
    }
  }

  private func proved(_ claim: Claim, among candidates: [[[Float]]]) -> Found {
    let proof = RateProof(claim.claim, part: claim.part, context)
    let rates = proof.rates(candidates)
    let best = rates.indices.max { rates[$0] < rates[$1] } ?? 0
    return Found(claim: claim, rate: rates[best], ends: candidates[best])
  }
}
