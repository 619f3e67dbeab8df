import Diagnostics

/// What an audit tried, and what it disproved.
public struct AuditReport: Sendable {
  /// One way of looking for a contradiction.
  public struct Phase: Sendable {
    /// What was done, in a word or two.
    public let name: String
    /// Points, pairs or perturbations that were tried.
    public let tried: Int
    /// Claims that were disproved.
    public let contradictions: Int
    /// Seconds spent.
    public let seconds: Double
  }

  /// A Lipschitz constant, and how near it some pair of points comes.
  public struct Constant: Sendable {
    /// What the constant is of.
    public let claim: Contradiction.Claim
    /// The constant.
    public let claimed: Double
    /// A lower bound on the rate at which the map changes between the two points.
    public let found: Double

    /// 1 where the constant is reached; 0 where nothing ever changes and that is the claim.
    public var share: Double { claimed > 0 ? found / claimed : found > 0 ? .infinity : 1 }
  }

  /// The spec's name.
  public let name: String
  /// The points with a certified radius.
  public let points: Int
  /// What was tried, in order.
  public let phases: [Phase]
  /// The finite constants of the certificate.
  public let constants: [Constant]
  /// What was disproved.
  public let contradictions: [Contradiction]
}
