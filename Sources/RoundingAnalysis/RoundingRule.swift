import TensorGraph

/// Bounds the result of one operation from the bounds of its operands.
enum RoundingRule {
  /// A result with bounds of |executed − exact| for every element.
  ///
  /// - Parameters:
  ///   - node: neither an input nor a sum of products, for which there is ``SumRounding``.
  ///   - result: encloses the exact results.
  ///   - undecided: for a selection, its last two operands over the inputs for which the executed mask may
  ///     differ from the exact one; nil if nothing better than the operands is known.
  static func result(
    _ node: Node, _ operands: [RoundedTensor], exact result: IntervalTensor,
    undecided: (a: RoundedTensor, b: RoundedTensor)? = nil, _ format: ExecutedFormat
  ) -> RoundedTensor {
    switch node.operation {
    case .splat, .literal: RoundedTensor(stored: result, format)
    default:
      RoundedTensor(
        result,
        error: errors(node, operands, result: result, undecided: undecided, format),
        least: least(node, operands.map(\.least)))
    }
  }

  private static func errors(
    _ node: Node, _ operands: [RoundedTensor], result: IntervalTensor,
    undecided: (a: RoundedTensor, b: RoundedTensor)?, _ format: ExecutedFormat
  ) -> [Double] {
    switch node.operation {
    case .unary(let function):
      return ElementwiseRounding.unary(function, operands[0], result: result, format)
    case .binary(let function):
      return ElementwiseRounding.binary(
        function, operands[0], operands[1], result: result, format)
    case .compare(let relation):
      return ElementwiseRounding.compare(relation, operands[0], operands[1])
    case .select:
      return ElementwiseRounding.select(
        operands[0], operands[1], operands[2], undecided: undecided ?? (operands[1], operands[2]),
        result: result, format)
    case .reshape, .stopGradient, .withDerivative:
      return operands[0].error
    case .broadcast, .transpose, .slice, .pad, .concatenate:
      return moved(node, operands)
    case .reduce(.maximum, _):
      // |max x̂ − max x| ≤ max |x̂ − x|.
      return moved(node, operands)
    case .maxPoolSelect:
      // Any element of another tensor may be chosen.
      return node.operands[0] == node.operands[1]
        ? moved(node, operands) : result.lower.map { _ in .infinity }
    case .splat, .literal, .input, .dot, .convolution, .convolutionInputGradient,
      .convolutionFilterGradient,
      .sumPool,
      .sumPoolGradient, .reduce(.sum, _), .maxPoolScatter, .random, .cholesky, .triangularSolve:
      preconditionFailure("\(node.operation.name) has no elementwise rule")
    }
  }

  /// A lower bound on all executed elements of a result, from those of the operands.
  ///
  /// Rounding to nearest is monotone and maps every float32 number to itself. So sums, products and
  /// quotients of non-negative numbers are non-negative, and a sum of two is at least as large as each.
  static func least(_ node: Node, _ operands: [Double]) -> Double {
    let lowest = operands.min() ?? -.infinity
    let nonnegative = lowest >= 0 ? 0 : -Double.infinity
    switch node.operation {
    case .unary(.abs), .unary(.exp), .unary(.logistic), .unary(.sqrt): return 0
    case .binary(.maximum): return operands.max() ?? -.infinity
    case .binary(.add) where lowest >= 0: return operands.max() ?? -.infinity
    case .binary(.multiply) where node.operands[0] == node.operands[1]: return 0
    case .binary(.multiply), .binary(.divide), .dot, .convolution, .convolutionInputGradient,
      .convolutionFilterGradient, .sumPool, .sumPoolGradient, .reduce(.sum, _), .pad:
      return nonnegative
    case .withDerivative: return operands[0]
    case .binary(.minimum), .reshape, .stopGradient, .broadcast, .transpose, .slice, .concatenate,
      .reduce(.maximum, _):
      return lowest
    case .select: return operands.dropFirst().min() ?? -.infinity
    case .splat, .literal, .input, .unary, .binary, .compare, .maxPoolSelect, .maxPoolScatter,
      .random, .cholesky, .triangularSolve:
      return -.infinity
    }
  }

  /// The operation applied to the errors: an operation that moves elements moves their errors, and the
  /// error of a maximum is at most the largest error.
  private static func moved(_ node: Node, _ operands: [RoundedTensor]) -> [Double] {
    let errors = operands.map {
      IntervalTensor($0.exact.type, lanes: $0.exact.lanes, exactly: $0.error)
    }
    return EnclosingEvaluator.evaluate(node, errors).upper
  }
}
