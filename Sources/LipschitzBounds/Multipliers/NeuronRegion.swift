import BoundAlgebra
import ModelIR
import TensorGraph

/// A part of a network, from one value to another, that consists of linear layers, elementwise functions and
/// comparisons: everything between the two depends on the first alone.
struct NeuronRegion: Sendable {
  /// What a node of the part does.
  enum Step: Sendable {
    case linear(LinearOperator)
    case elementwise(Slopes)
    case comparisons(Comparisons)
    case addition
    /// The places of the operands.
    case concatenation([LinearOperator])
  }

  /// A node of the part.
  struct Node: Sendable {
    let position: Int
    let operands: [Int]
    let step: Step
  }

  /// The position that it is applied to: 0 for the input, then the nodes in order.
  let source: Int
  /// What comes before ``nodes``; nil if they read the source.
  let front: ConvolutionalFront?
  /// The elements of the source, or those of the front's value.
  let inputs: Int
  /// In order; the last is the part's value.
  let nodes: [Node]
  /// One for each element of an elementwise function and each comparison.
  let neurons: Int
  /// The names of its layers.
  let layers: [String]

  /// The most neurons, and elements of the source.
  static let largest = (neurons: 2048, inputs: 1 << 14)
  private static let mostElements = 1 << 22
  /// The operations of a step that every search can afford.
  private static let fewOperations = 8e9

  /// `first…last`, after the layers at its ends.
  var name: String { "\(layers[0])…\(layers[layers.count - 1])" }
  /// What has multipliers.
  var summary: String {
    let channels = front.map { "the channels of \($0.stages.count) convolutions and " } ?? ""
    return channels + "\(neurons) neurons"
  }
  /// The position that its value has.
  var target: Int { nodes[nodes.count - 1].position }
  /// The position from which ``nodes`` go on.
  var start: Int { front?.target ?? source }
  /// The positions of its layers.
  var positions: Set<Int> { Set(nodes.map(\.position)).union(front?.positions ?? []) }

  /// The largest part that ends at a position and takes few operations, and the largest of all; one if they are the
  /// same, none if no part has a neuron.
  static func parts(
    endingAt target: Int, _ model: Model, _ bounds: [LayerBound]
  ) -> [NeuronRegion] {
    var frontier: Set<Int> = [target]
    var nodes: [Node] = []
    var neurons = 0
    var found: [NeuronRegion] = []
    while let position = frontier.max(), position > 0,
      let step = step(model.nodes[position - 1], bounds[position - 1])
    {
      let node = model.nodes[position - 1]
      neurons += self.neurons(step, node)
      guard neurons <= largest.neurons else { break }
      frontier.remove(position)
      nodes.append(
        Node(position: position, operands: node.operands.map(\.position), step: step))
      frontier.formUnion(node.operands.map(\.position))
      guard frontier.count == 1, let source = frontier.first, neurons > 0 else { continue }
      let inputs = count(at: source, model)
      if inputs <= largest.inputs, inputs * neurons <= mostElements {
        found.append(
          NeuronRegion(
            source: source, front: nil, inputs: inputs, nodes: nodes.reversed(), neurons: neurons,
            layers: nodes.reversed().map { model.nodes[$0.position - 1].name }))
      }
    }
    guard let largest = found.last else { return [] }
    let small = found.last { $0.costOfStep <= fewOperations }
    return small.map { $0.source == largest.source ? [$0] : [$0, largest] } ?? [largest]
  }

  /// The part with the convolutions before it; nil if there are none.
  func withFront(_ model: Model, _ bounds: [LayerBound]) -> NeuronRegion? {
    ConvolutionalFront(before: self, model, bounds).map { front in
      let rest = nodes.filter { !front.positions.contains($0.position) }
      return NeuronRegion(
        source: front.source, front: front, inputs: front.outputs, nodes: rest, neurons: neurons,
        layers: front.layers + rest.map { model.nodes[$0.position - 1].name })
    }
  }

  private init(
    source: Int, front: ConvolutionalFront?, inputs: Int, nodes: [Node], neurons: Int,
    layers: [String]
  ) {
    (self.source, self.front, self.inputs) = (source, front, inputs)
    (self.nodes, self.neurons, self.layers) = (nodes, neurons, layers)
  }

  private static func count(at position: Int, _ model: Model) -> Int {
    (position == 0 ? model.inputShape : model.nodes[position - 1].outputShape).reduce(1, *)
  }

  private static func step(_ node: Model.Node, _ bound: LayerBound) -> Step? {
    switch bound {
    case .linear(let map): .linear(map)
    case .elementwise(let slopes):
      slopes.largestMagnitude.upper.isFinite ? .elementwise(slopes) : nil
    case .comparisons(let comparisons): .comparisons(comparisons)
    case .addition: .addition
    case .concatenation: .concatenation(node.operands.indices.map(node.placement))
    case .constant, .unbounded: nil
    }
  }

  private static func neurons(_ step: Step, _ node: Model.Node) -> Int {
    switch step {
    case .elementwise: node.outputShape.reduce(1, *)
    case .comparisons(let comparisons): comparisons.count
    case .linear, .addition, .concatenation: 0
    }
  }

  /// About the operations of a step of the search.
  var costOfStep: Double { Self.costOfStep(neurons, inputs) }
  /// About the operations of the search and of what it needs first.
  var cost: Double { RegionBound.usualSteps * costOfStep + (front?.cost ?? 0) }

  private static func costOfStep(_ neurons: Int, _ inputs: Int) -> Double {
    MultiplierSearch.costOfStep(neurons: neurons, coordinates: neurons + min(neurons, inputs))
  }
}
