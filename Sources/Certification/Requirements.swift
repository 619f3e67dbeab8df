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

  /// What a line compares with its limit.
  enum Measurement {
    case number(Double)
    /// A share of points, compared exactly.
    case share(Int, of: Int)

    var value: Double {
      switch self {
      case .number(let number): number
      case .share(let count, let total): Double(count) / Double(max(1, total))
      }
    }

    func satisfies(_ requirement: RequirementSpec) -> Bool {
      switch self {
      case .number(let number): requirement.holds(number)
      case .share(let count, let total): requirement.holds(count, of: total)
      }
    }
  }

  /// A line and its verdict.
  public struct Decision: Sendable {
    /// The line.
    public let requirement: RequirementSpec
    /// Whether it holds.
    public let verdict: Verdict
    /// What was compared with the limit; nil where that is not known or where a bound for all weights decides.
    public let measured: Double?
  }

  /// The lines in order.
  public let decisions: [Decision]

  /// Decides with what is known.
  ///
  /// - Parameters:
  ///   - lipschitz: the bound on the network's constant; nil while it depends on training.
  ///   - layers: the bounds on the layers' own constants by name; those that depend on training are missing.
  ///   - summary: the certified points; nil while they depend on training.
  ///   - wasserstein: what a critic's points prove; nil while that depends on training.
  public init(
    _ compilation: Compilation, lipschitz: Double? = nil, layers: [String: Double] = [:],
    summary: RadiusStatistics? = nil, wasserstein: WassersteinBound? = nil
  ) {
    let bound = compilation.bounds.network
    let constant = bound.symbols.isEmpty ? bound.evaluate { _ in .infinity }.value : nil
    let promised = compilation.bounds.promised?.evaluate { _ in .infinity }.value
    decisions = compilation.spec.requirements.map { requirement in
      let measured: Measurement? =
        switch requirement.quantity {
        case .lipschitz: (lipschitz ?? constant).map(Measurement.number)
        case .layerLipschitz(let name): layers[name].map(Measurement.number)
        case .parameters: .number(Double(compilation.model.parameterCount))
        case .cleanAccuracy, .certifiedAccuracy, .minimumClassAccuracy, .medianRadius:
          summary?.measurement(of: requirement.quantity)
        case .wasserstein: (wasserstein?.lower.value).map(Measurement.number)
        }
      if let measured {
        return Decision(
          requirement: requirement, verdict: measured.satisfies(requirement) ? .holds : .fails,
          measured: measured.value)
      }
      let proof: Double? =
        switch requirement.quantity {
        case .lipschitz: promised
        case .layerLipschitz(let name): compilation.promisedConstant(of: name)
        case .parameters, .cleanAccuracy, .certifiedAccuracy, .minimumClassAccuracy, .medianRadius,
          .wasserstein:
          nil
        }
      let isProved = requirement.isProved(by: proof)
      return Decision(
        requirement: requirement, verdict: isProved ? .holds : .deferred, measured: nil)
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

extension RadiusStatistics {
  /// A quantity of the test points; nil where a class that it is about has none.
  fileprivate func measurement(
    of quantity: RequirementSpec.Quantity
  ) -> Requirements.Measurement? {
    switch quantity {
    case .lipschitz, .layerLipschitz, .parameters, .wasserstein: nil
    case .cleanAccuracy: .share(correctCount, of: points.count)
    case .certifiedAccuracy(let radius, class: nil):
      .share(certifiedCount(above: radius.upper), of: points.count)
    case .certifiedAccuracy(let radius, class: let label?):
      certifiedShares(above: radius.upper)[label].map { .share($0.count, of: $0.total) }
    case .minimumClassAccuracy(let radius):
      certifiedShares(above: radius.upper).values
        .min { $0.count * $1.total < $1.count * $0.total }
        .map { .share($0.count, of: $0.total) }
    case .medianRadius: .number(medianRadius)
    }
  }

  /// For each label that points have, how many of them are certified at a radius.
  private func certifiedShares(above radius: Double) -> [Int: (count: Int, total: Int)] {
    points.reduce(into: [:]) { shares, point in
      let (count, total) = shares[point.label] ?? (0, 0)
      shares[point.label] = (count + (point.radius.value > radius ? 1 : 0), total + 1)
    }
  }
}

extension Compilation {
  /// The bound on a layer's own constant that holds for every weight; nil if there is none.
  fileprivate func promisedConstant(of layer: String) -> Double? {
    guard let index = model.nodes.firstIndex(where: { $0.name == layer }) else { return nil }
    return bounds.promisedConstant(at: index)?.evaluate { _ in .infinity }.value
  }
}

extension RequirementSpec {
  /// Whether an upper bound shows that the line holds; false says nothing: the constant may be smaller.
  fileprivate func isProved(by bound: Double?) -> Bool {
    switch relation {
    case .lessOrEqual, .less: bound.map(holds) ?? false
    case .greaterOrEqual, .greater: false
    }
  }
}
