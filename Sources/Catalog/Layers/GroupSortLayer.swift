import BoundAlgebra
import ModelIR
import TensorGraph

/// Channels sorted in groups of k: channels i, i + C/k, …, i + (k − 1)C/k in descending order.
///
/// With k = 2 this is `max_min`.
///
/// - Shapes: any with a first extent C divisible by k, kept.
/// - Bound: constant 1, reached by every input: almost everywhere the layer is a permutation, and it is
///   continuous.
/// - Cost: a comparison and two selections for each of the about k·log²k/4 comparators of Batcher's
///   network and each group.
/// - Reference: Anil, Lucas, Grosse 2019; Knuth, *The Art of Computer Programming* 3, 5.2.2, algorithm M.
struct GroupSortLayer: Layer {
  static let kind = "group_sort"
  static let mainKey: String? = "size"
  static let examples = [
    LayerExample("{size: 2}", inputs: [[6]]), LayerExample("{size: 3}", inputs: [[6, 2, 1]]),
    LayerExample("{size: 5}", inputs: [[5]]), LayerExample("{size: 8}", inputs: [[8]]),
  ]

  private let groups: ChannelGroups

  init(size: Int) { groups = ChannelGroups(size: size) }
  init(from reader: inout ConfigReader) { groups = ChannelGroups(from: &reader) }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    _ = try groups.count(of: shape)
    return shape
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    guard groups.size == 2 else { return .constant(.one) }
    let places = groups.places(of: context.inputs[0])
    let outputs = Array(0..<context.inputs[0].reduce(1, *))
    return .comparisons(Comparisons(groups: places, outputs: outputs, Self.comparators))
  }

  /// The operands of the minimum are swapped so that a tie stays a permutation.
  func lower(_ context: LoweringContext) -> Tensor {
    var members = groups.members(of: context.input)
    for (i, j) in Self.comparators(members.count) {
      let (a, b) = (members[i], members[j])
      (members[i], members[j]) = (max(a, b), min(b, a))
    }
    return concatenate(members, axis: 1)
  }

  /// Batcher's merge exchange for n elements: pairs i < j, of which i is to get the larger.
  static func comparators(_ n: Int) -> [(Int, Int)] {
    var result: [(Int, Int)] = []
    var top = 1
    while top < n { top *= 2 }
    var p = top / 2
    while p > 0 {
      var (q, r, d) = (top / 2, 0, p)
      while true {
        for i in 0..<max(0, n - d) where i & p == r { result.append((i, i + d)) }
        if q == p { break }
        (d, q, r) = (q - p, q / 2, p)
      }
      p /= 2
    }
    return result
  }
}
