/// How far a search for better constants is, for people who wait for it.
public enum BoundProgress: Sendable {
  /// So many steps for all outputs of a part with so many neurons.
  case steps(Int, neurons: Int)
  /// Pairs of outputs that are done, of those that are looked for unless the effort is used up before.
  case pairs(Int, of: Int)

  /// Receives progress, on the thread that asked for bounds.
  public typealias Observer = (BoundProgress) -> Void
}
