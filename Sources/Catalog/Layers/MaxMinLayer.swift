import ModelIR
import TensorGraph

/// Channels sorted in pairs: of channels i and i + C/2 the larger goes to i, the smaller to i + C/2;
/// `group_sort` with groups of 2.
///
/// - Shapes: any with an even first extent C, kept.
/// - Bound: constant 1, reached by every input: almost everywhere the layer is a permutation, so
///   gradients keep their norm, unlike ReLU's.
/// - Cost: one pass over the elements.
/// - Reference: Anil, Lucas, Grosse 2019 (GroupSort with groups of 2).
struct MaxMinLayer: Layer {
  static let kind = "max_min"
  static let examples = [
    LayerExample("", inputs: [[6]]), LayerExample("", inputs: [[4, 2, 3]]),
  ]

  private let sort = GroupSortLayer(size: 2)

  init(from reader: inout ConfigReader) {}

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    try sort.outputShape(of: inputs)
  }

  func bound(in context: LayerBoundContext) -> LayerBound { sort.bound(in: context) }

  func lower(_ context: LoweringContext) -> Tensor { sort.lower(context) }
}
