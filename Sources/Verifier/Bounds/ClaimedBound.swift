import Enclosure

/// A number of a certificate beside what the checker has proved of the same quantity.
///
/// Norms are proved at slightly more than what is claimed, and that adds up in what is computed from them. So
/// a claim is compared with what the claims before it give, and what is used later is what is proved.
struct ClaimedBound: Sendable {
  let claimed: UpperBound
  let proved: UpperBound

  static let one = ClaimedBound(.one)
  static let zero = ClaimedBound(.zero)
  static let infinity = ClaimedBound(.infinity)

  /// What is claimed follows without a tolerance.
  init(_ bound: UpperBound) { (claimed, proved) = (bound, bound) }
  init(claimed: UpperBound, proved: UpperBound) { (self.claimed, self.proved) = (claimed, proved) }

  static func + (a: ClaimedBound, b: ClaimedBound) -> ClaimedBound {
    ClaimedBound(claimed: a.claimed + b.claimed, proved: a.proved + b.proved)
  }
  static func * (a: ClaimedBound, b: ClaimedBound) -> ClaimedBound {
    ClaimedBound(claimed: a.claimed * b.claimed, proved: a.proved * b.proved)
  }
  func squareRoot() -> ClaimedBound {
    ClaimedBound(claimed: claimed.squareRoot(), proved: proved.squareRoot())
  }

  /// Each the lesser one.
  static func least(_ a: ClaimedBound, _ b: ClaimedBound) -> ClaimedBound {
    ClaimedBound(claimed: min(a.claimed, b.claimed), proved: min(a.proved, b.proved))
  }

  /// Whether a claim follows from those before it, but for the order of roundings.
  func isWithin(_ claim: UpperBound) -> Bool {
    claimed.value <= DirectedRounding.multiplyDown(claim.value, 1 + 0x1p-30)
  }
}
