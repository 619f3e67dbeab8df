import ModelIR
import TensorGraph

/// What `maxout` and `group_sort` share: C channels in C/k groups of k, group i made of the channels
/// i, i + C/k, …, i + (k − 1)C/k.
struct ChannelGroups: Sendable {
  /// k.
  let size: Int

  /// The key; sorting networks of more than 64 elements have thousands of comparators.
  static let key = SpecKey<Int>(
    "size", "the number k of channels in a group",
    .init("at least 2 and at most 64") { (2...64).contains($0) })

  init?(from reader: inout ConfigReader) {
    guard let size = reader.read(Self.key) else { return nil }
    self.size = size
  }

  /// C/k.
  func count(of shape: [Int]) throws(ShapeFault) -> Int {
    guard let channels = shape.first, channels % size == 0 else {
      throw ShapeFault("groups \(size) channels and needs a multiple of them, found \(shape)")
    }
    return channels / size
  }

  /// The first members of all groups, the second, …, each [N, C/k, …].
  func members(of x: Value, _ builder: inout GraphBuilder) -> [Value] {
    let shape = builder.shape(x)
    let count = shape[1] / size
    return (0..<size).map { member in
      var starts = shape.map { _ in 0 }
      var limits = shape
      (starts[1], limits[1]) = (member * count, (member + 1) * count)
      return builder.apply(
        .slice(starts: starts, limits: limits, strides: shape.map { _ in 1 }), [x])
    }
  }
}
