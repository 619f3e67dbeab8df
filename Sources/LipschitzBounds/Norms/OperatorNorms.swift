import BoundAlgebra
import Dispatch
import Enclosure
import ModelIR

/// A spectral norm from both sides.
public struct NormBound: Sendable, Hashable {
  /// Proved to be at least the norm.
  public let upper: UpperBound
  /// Proved to be at most the norm; a check on ``upper`` that shares little with it.
  public let lower: LowerBound
  /// The guaranteed method, such as `cholesky`.
  public let method: String
  /// What the method did, in one phrase.
  public let reason: String
}

/// Guaranteed norms of a network's linear operators for given weights.
///
/// The same weights give the same numbers in every run, on any number of cores.
public struct OperatorNorms: Sendable {
  /// The bounds by operator.
  public let bounds: [NormSymbol: NormBound]

  /// Every method, for manuals.
  public static let methods: [NormMethodDescription] = [
    .init(ClosedFormMethod.self), .init(CholeskyMethod.self), .init(GramMethod.self),
    .init(FourierMethod.self), .init(SchurMethod.self),
  ]

  /// Bounds every operator, concurrently.
  ///
  /// NaN and infinite weights give ∞, zero weights 0. An upper bound below the lower one would be a
  /// bug of ours and traps.
  /// - Parameters:
  ///   - operators: names unique.
  ///   - effort: how much work they may take.
  ///   - weights: a parameter's or statistic's elements by full name, row-major.
  public init(
    operators: [LinearOperator], effort: NormEffort = .certificate,
    weights: (String) -> [Float]
  ) {
    let structures = operators.map { map in
      OperatorStructure(map, weights: weights)
    }
    let choice = MethodChoice(effort, blocks: structures.flatMap { $0.stages.joined() })
    let found = Self.concurrently(operators.count) { index in
      Self.bound(operators[index], structures[index], choice)
    }
    bounds = Dictionary(
      uniqueKeysWithValues: zip(operators.map { NormSymbol($0.name) }, found))
  }

  /// The bounds of one operator; an unknown one is a bug of the caller and traps.
  public subscript(symbol: NormSymbol) -> NormBound {
    guard let bound = bounds[symbol] else {
      preconditionFailure("no norm was computed for '\(symbol.name)'")
    }
    return bound
  }

  /// For ``BoundExpr/evaluate(_:)``.
  public func upper(_ symbol: NormSymbol) -> UpperBound { self[symbol].upper }

  /// For ``BoundExpr/evaluateLower(_:)``.
  public func lower(_ symbol: NormSymbol) -> LowerBound { self[symbol].lower }

  private static func bound(
    _ map: LinearOperator, _ structure: OperatorStructure, _ choice: MethodChoice
  ) -> NormBound {
    switch structure.trivial {
    case .zero:
      return NormBound(upper: .zero, lower: .zero, method: "closed form", reason: "the map is 0")
    case .notFinite:
      return NormBound(
        upper: .infinity, lower: .zero, method: "none", reason: "a weight is not a number")
    case nil:
      break
    }
    var (methods, reasons) = ([String](), [String]())
    var (uppers, lowers) = ([UpperBound](), [LowerBound]())
    for stage in structure.stages {
      var (upper, lower) = (UpperBound.zero, LowerBound.zero)
      for block in stage {
        let method = choice.method(for: block, named: map.method)
        let bound = method.bound(block)
        upper = max(upper, bound.upper)
        let checked = NormLowerBound.of(block, after: bound, effort: choice.limit / 4)
        lower = max(lower, bound.lower, checked)
        let name = type(of: method).name
        if !methods.contains(name) { methods.append(name) }
        if !reasons.contains(bound.reason) { reasons.append(bound.reason) }
      }
      uppers.append(upper)
      lowers.append(lower)
    }
    let (upper, lower) = (structure.upper(uppers), structure.lower(lowers))
    precondition(
      upper.value >= lower.value,
      "the norm of '\(map.name)' is at least \(lower.value) but was bounded by \(upper.value)")
    return NormBound(
      upper: upper, lower: lower, method: methods.joined(separator: ", "),
      reason: reasons.prefix(2).joined(separator: "; "))
  }

  /// The results of independent computations, in order.
  private static func concurrently<Result: Sendable>(
    _ count: Int, _ compute: @Sendable (Int) -> Result
  ) -> [Result] {
    var results = [Result?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let slots = buffer
      DispatchQueue.concurrentPerform(iterations: count) { index in
        slots[index] = compute(index)
      }
    }
    return results.compactMap(\.self)
  }
}
