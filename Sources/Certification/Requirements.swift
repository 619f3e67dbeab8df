import Compiler
import Diagnostics
import ModelIR

/// Checks the lines of `require`.
///
/// Before training only what holds for all weights can be decided: the number of parameters, a bound
/// that depends on no norm, and an upper limit that parametrizations prove.
public struct Requirements: Sendable {
  /// Whether a line holds; deferred while it depends on training.
  public enum Verdict: String, Sendable {
    case holds, fails, deferred
  }

  /// A line and its verdict.
  public struct Decision: Sendable {
    /// The line.
    public let requirement: RequirementSpec
    /// Whether it holds.
    public let verdict: Verdict
  }

  /// The lines in order.
  public let decisions: [Decision]

  /// Decides with what is known; `lipschitz` and `summary` are nil while they depend on training.
  public init(
    _ compilation: Compilation, lipschitz: Double? = nil, summary: RadiusStatistics? = nil
  ) {
    let bound = compilation.bounds.network
    let constant = bound.symbols.isEmpty ? bound.evaluate { _ in .infinity }.value : nil
    let promised = compilation.bounds.promised?.evaluate { _ in .infinity }.value
    decisions = compilation.spec.requirements.map { requirement in
      let holds: Bool? =
        switch requirement.quantity {
        case .lipschitz:
          (lipschitz ?? constant).map(requirement.holds) ?? requirement.isProved(by: promised)
        case .parameters: requirement.holds(Double(compilation.model.parameterCount))
        case .cleanAccuracy: summary.map { requirement.holds($0.correctCount, of: $0.points.count) }
        case .certifiedAccuracy(let radius):
          summary.map {
            requirement.holds($0.certifiedCount(above: radius.upper), of: $0.points.count)
          }
        case .medianRadius: (summary?.medianRadius).map(requirement.holds)
        }
      guard let holds else { return Decision(requirement: requirement, verdict: .deferred) }
      return Decision(requirement: requirement, verdict: holds ? .holds : .fails)
    }
  }

  /// Throws ``Failure`` (`require.fails`) for the lines that are known not to hold.
  public func requireNoFailure() throws(Failure) {
    let failing = decisions.filter { $0.verdict == .fails }
    guard !failing.isEmpty else { return }
    throw Failure(
      failing.map {
        .error(
          .require, "fails", "'\($0.requirement.text)' cannot hold for any weights",
          at: $0.requirement.span)
      })
  }

  /// Whether a line is known not to hold.
  public var hasFailure: Bool { decisions.contains { $0.verdict == .fails } }
}

extension RequirementSpec {
  /// True if an upper bound shows that the line holds; nil otherwise: the constant may be smaller.
  fileprivate func isProved(by bound: Double?) -> Bool? {
    switch relation {
    case .lessOrEqual, .less: bound.map(holds) == true ? true : nil
    case .greaterOrEqual, .greater: nil
    }
  }
}
