/// Which part of the test data a certificate says that its samples are, as `certify --shard` writes it.
public struct ShardClaim: Sendable, Hashable {
  /// Which part, from 1, of how many.
  public let (number, count): (Int, Int)
  /// The index of the first sample in the test data.
  public let first: Int
  /// The number of samples of the test data.
  public let total: Int

  /// Reads the claim of a certificate of so many points; nil if it is about all test data.
  init?(_ certificate: Entry, points: Int) throws(Refusal) {
    guard let entry = try certificate.optional("shard") else { return nil }
    try entry.require(keys: ["number", "of", "first", "points"])
    (number, count) = (try entry("number").integer, try entry("of").integer)
    first = try entry("first").integer
    total = try certificate("data")("samples").integer
    guard try entry("points").integer == points else {
      throw try entry("points").refuted("the test data have \(points) samples")
    }
    guard 1 <= number, number <= count else {
      throw try entry("number").malformed("expected a shard from 1 to \(count)")
    }
    guard 0 <= first, points <= total, first <= total - points else {
      throw try entry("first").refuted("\(points) of \(total) samples cannot begin there")
    }
  }
}
