import ModelIR
import TensorGraph

/// What `maxout` and `group_sort` share: C channels in C/k groups of k, group i made of the channels
/// i, i + C/k, …, i + (k − 1)C/k.
struct ChannelGroups: Sendable {
  /// k.
  let size: Int

  init(size: Int) { self.size = size }

  init(from reader: inout ConfigReader) {
    // Sorting networks of more than 64 elements have thousands of comparators.
    size = reader.read(
      "size", "the number k of channels in a group", .range(2...64))
  }

  /// C/k.
  func count(of shape: [Int]) throws(ShapeFault) -> Int {
    guard let channels = shape.first, channels % size == 0 else {
      throw ShapeFault("needs a number of channels divisible by \(size), found \(shape)")
    }
    return channels / size
  }

  /// The places of the members of each group in a flattened input, in the order of the output.
  func places(of shape: [Int]) -> [[Int]] {
    let count = shape.reduce(1, *) / size
    return (0..<count).map { first in (0..<size).map { first + $0 * count } }
  }

  /// The first members of all groups, the second, …, each [N, C/k, …].
  func members(of x: Tensor) -> [Tensor] {
    let count = x.shape[1] / size
    return (0..<size).map { x.sliced($0 * count..<($0 + 1) * count, axis: 1) }
  }
}
