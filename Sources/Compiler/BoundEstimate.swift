import BoundAlgebra
import Catalog
import ModelIR
import TensorGraph

/// The bound's differentiable reading: every norm by one step of power iteration, that of a diagonal
/// operator by its largest factor, every operator without weights by its guaranteed constant.
struct BoundEstimate {
  /// The estimate for the whole network, a scalar.
  let network: Value
  /// The estimate up to a final dense layer, and that layer's weight.
  let head: (bound: Value, weight: Value)?
  /// The estimated norm of each operator with weights.
  let norms: [NormSymbol: Value]
  /// The names of the kept vectors.
  let vectors: [String]

  /// Appends the estimate, which shares the parameters with the forward pass.
  ///
  /// - Parameter operands: the parameters and statistics by full name.
  init(
    _ bounds: ModelBounds, operands: [String: Value], powerIterations: Int, counter: Value,
    seed: UInt64, into builder: inout GraphBuilder
  ) {
    var norms: [NormSymbol: Value] = [:]
    var vectors: [String] = []
    for linear in bounds.operators {
      if case .diagonal(let factors, _) = linear.form {
        let row = factors.row(into: &builder) { linear.operand($0, in: operands) }
        norms[NormSymbol(linear.name)] = builder.maximum(of: builder.unary(.abs, row))
        continue
      }
      let power = PowerIteration(
        linear, operands: operands, steps: powerIterations, counter: counter, seed: seed,
        into: &builder)
      norms[NormSymbol(linear.name)] = power.norm
      vectors.append(PowerIteration.inputName(linear.name))
    }
    func norm(_ symbol: NormSymbol) -> Value {
      guard let value = norms[symbol] else {
        preconditionFailure("the bound names an unknown operator '\(symbol.name)'")
      }
      return value
    }
    network = bounds.network.lower(into: &builder, norms: norm)
    if let last = bounds.head, let weight = operands[last.weight] {
      head = (last.before.lower(into: &builder, norms: norm), weight)
    } else {
      head = nil
    }
    self.norms = norms
    self.vectors = vectors
  }
}
