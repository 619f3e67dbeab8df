/// What the attacks found, and how tight the certificates are.
public struct AttackResults: Sendable {
  /// One attack at one radius.
  public struct Row: Sendable {
    /// The attack's name: its kind, numbered from the second of a kind on.
    public let name: String
    /// The radius as written in the spec.
    public let radius: String
    /// The radius, nearest Double.
    public let value: Double
    /// The number of points that are classified correctly and for which no adversarial example was found within the radius.
    public let count: Int
    /// Their share.
    public let accuracy: Double
  }

  /// The nearest adversarial example found of a test point.
  public struct Nearest: Sendable {
    /// The test point's place.
    public let index: Int
    /// Not below its distance from the test point.
    public let distance: Double
    /// Its elements.
    public let point: [Float]
  }

  /// The shape of one sample.
  public let sampleShape: [Int]
  /// The nearest adversarial examples by all attacks, in the order of the test points.
  public let nearest: [Nearest]
  /// Every attack at every radius.
  public let rows: [Row]
  /// The chain, if asked for.
  public let chain: TightnessChain?
  /// Disproved claims; empty unless something is wrong.
  public let contradictions: [Contradiction]
  /// Seconds spent.
  public let seconds: Double
}
