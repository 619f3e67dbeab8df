import BoundAlgebra
import Enclosure
import MatrixProducts
import ModelIR

/// An upper and a lower bound on a spectral norm.
public struct NormBound: Sendable, Hashable {
  /// Proved to be at least the norm.
  public let upper: UpperBound
  /// Proved to be at most the norm, as a largely independent check on ``upper``.
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

  /// Every method, for the manual.
  public static let methods = methodTypes.map(NormMethodDescription.init)

  /// Bounds every operator, concurrently.
  ///
  /// NaN and infinite weights give ∞, zero weights 0. An upper bound below the lower one would be a bug
  /// and traps.
  /// - Parameters:
  ///   - operators: with unique names.
  ///   - effort: the operations for all of them.
  ///   - workers: the cores to use.
  ///   - weights: the elements of a parameter or statistic by full name, row-major.
  public init(
    operators: [LinearOperator], effort: NormEffort = .certificate, workers: Workers = .single,
    weights: (String) -> [Float]
  ) {
    let decompositions = operators.map { BlockDecomposition($0, weights: weights) }
    let choice = MethodChoice(effort, blocks: decompositions.flatMap { $0.stages.joined() })
    let found = workers.map(operators.count) { index in
      Self.bound(operators[index], decompositions[index], choice, workers)
    }
    bounds = Dictionary(
      uniqueKeysWithValues: zip(operators.map { NormSymbol($0.name) }, found))
  }

  /// The bounds of one operator; traps if there is none.
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
    _ map: LinearOperator, _ blocks: BlockDecomposition, _ choice: MethodChoice,
    _ workers: Workers
  ) -> NormBound {
    switch blocks.trivial {
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
    for stage in blocks.stages {
      var (upper, lower) = (UpperBound.zero, LowerBound.zero)
      for block in stage {
        let method = choice.method(for: block, named: map.method)
        let bound = method.bound(block, workers)
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
    let (upper, lower) = (blocks.upper(uppers), blocks.lower(lowers))
    precondition(
      upper.value >= lower.value,
      "the norm of '\(map.name)' is at least \(lower.value) but was bounded by \(upper.value)")
    return NormBound(
      upper: upper, lower: lower, method: methods.joined(separator: ", "),
      reason: reasons.prefix(2).joined(separator: "; "))
  }
}
