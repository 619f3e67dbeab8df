/// How long better constants of a network are looked for (`certify.effort`).
///
/// Results depend on the effort, not on the number of threads.
public enum BoundEffort: String, WordValue {
  /// No search: the compositions whose cost is a few factorizations.
  case quick
  /// A search of a few seconds.
  case standard
  /// A search of minutes, which includes every pair of logits.
  case thorough
}
