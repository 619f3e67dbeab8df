import ModelIR

/// What an audit tried, and what it disproved.
public struct AuditReport: Sendable {
  /// One kind of search for contradictions.
  public struct Phase: Sendable {
    /// What was done, in a word or two.
    public let name: String
    /// The number of points, pairs or perturbations tried.
    public let tried: Int
    /// The number of claims disproved.
    public let contradictions: Int
    /// Seconds spent.
    public let seconds: Double
  }

  /// A Lipschitz constant, and the largest rate found for it.
  public struct Constant: Sendable {
    /// What the constant is of.
    public let claim: Contradiction.Claim
    /// The constant.
    public let claimed: Double
    /// A lower bound on the rate at which the map changes between the two points.
    public let found: Double

    /// found / claimed; 1 where both are 0.
    public var share: Double { claimed > 0 ? found / claimed : found > 0 ? .infinity : 1 }
  }

  /// The spec's name.
  public let name: String
  /// That of the execution that the certificates are about.
  public let precision: Precision
  /// The number of points with a certified radius.
  public let points: Int
  /// What was tried, in order.
  public let phases: [Phase]
  /// The finite constants of the certificate.
  public let constants: [Constant]
  /// What was disproved.
  public let contradictions: [Contradiction]
}
