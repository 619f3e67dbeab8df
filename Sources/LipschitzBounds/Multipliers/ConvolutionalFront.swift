import BoundAlgebra
import Enclosure
import ModelIR

/// Convolutions with monotone activations, and the linear layers that read the last of them: what comes before a
/// part of a network in which every neuron has a multiplier.
///
/// In the front a multiplier is shared by the positions of a channel, so that the form stays a convolution
/// (``FrontBound``).
struct ConvolutionalFront: Sendable {
  /// A convolution and the activation after it.
  struct Stage: Sendable {
    let convolution: LinearOperator
    /// The largest slope of the activation; the least is at least 0.
    let slope: BoundConstant
    /// The activation's name.
    let name: String
  }

  /// The position that it is applied to: 0 for the input, then the nodes in order.
  let source: Int
  let stages: [Stage]
  /// The maps from the last activation to the front's value, the first applied first.
  let reading: [LinearOperator]
  /// The position of its value.
  let target: Int
  /// The number of the value's elements.
  let outputs: Int
  /// The positions of its layers.
  let positions: Set<Int>
  /// Their names, in order.
  let layers: [String]

  /// The most elements of the value, and of the matrices at all frequencies together.
  private static let (mostOutputs, mostElements) = (1100, 1 << 26)
  /// The operations of a front that every search can afford.
  private static let fewOperations = 2e10

  /// The longest front of few operations whose value is what the part reads of its source, or if none has few the
  /// shortest; nil if there is none, or if its matrices would take too much memory.
  init?(before region: NeuronRegion, _ model: Model, _ bounds: [LayerBound]) {
    let reading = Self.reading(region)
    guard let last = reading.last, case let outputs = last.map.outputShape.reduce(1, *),
      outputs <= Self.mostOutputs
    else { return nil }
    var found: [Self] = []
    var place = region.source
    var stages: [Stage] = []
    var positions = Set(reading.map(\.position))
    while let step = Self.stage(endingAt: place, model, bounds) {
      stages.insert(step.stage, at: 0)
      positions.formUnion(step.positions)
      place = step.source
      found.append(
        Self(
          source: place, stages: stages, reading: reading.map(\.map), target: last.position,
          outputs: outputs, positions: positions,
          layers: positions.sorted().map { model.nodes[$0 - 1].name }))
    }
    guard let front = found.last(where: { $0.cost <= Self.fewOperations }) ?? found.first,
      front.elements <= Self.mostElements
    else {
      return nil
    }
    self = front
  }

  private init(
    source: Int, stages: [Stage], reading: [LinearOperator], target: Int, outputs: Int,
    positions: Set<Int>, layers: [String]
  ) {
    (self.source, self.stages, self.reading, self.target) = (source, stages, reading, target)
    (self.outputs, self.positions, self.layers) = (outputs, positions, layers)
  }

  /// The linear layers at the beginning of a part through which everything passes.
  private static func reading(_ region: NeuronRegion) -> [(map: LinearOperator, position: Int)] {
    var found: [(map: LinearOperator, position: Int)] = []
    var place = region.source
    for (index, node) in region.nodes.enumerated() {
      guard case .linear(let map) = node.step, node.operands == [place],
        !region.nodes[(index + 1)...].contains(where: { $0.operands.contains(place) })
      else { break }
      place = node.position
      found.append((map, place))
    }
    return found
  }

  /// The convolution and activation that end at a position, which copies in order may follow.
  private static func stage(
    endingAt place: Int, _ model: Model, _ bounds: [LayerBound]
  ) -> (stage: Stage, source: Int, positions: Set<Int>)? {
    var positions: Set<Int> = []
    func skippingCopies(_ start: Int) -> Int {
      var position = start
      while position > 0, case .linear(let map) = bounds[position - 1],
        case .copy(let copy) = map.form, copy.keepsOrder
      {
        positions.insert(position)
        position = model.nodes[position - 1].operands[0].position
      }
      return position
    }
    let activation = skippingCopies(place)
    guard activation > 0, case .elementwise(let slopes) = bounds[activation - 1],
      slopes.negative.upper == .zero, slopes.positive.upper.isFinite,
      model.nodes[activation - 1].outputShape.count == 3
    else { return nil }
    let node = model.nodes[activation - 1]
    let convolved = node.operands[0].position
    guard convolved > 0, case .linear(let map) = bounds[convolved - 1],
      case .convolution = map.form
    else { return nil }
    positions.formUnion([activation, convolved])
    return (
      Stage(convolution: map, slope: slopes.positive, name: node.name),
      model.nodes[convolved - 1].operands[0].position, positions
    )
  }

  /// The order of the matrix of a frequency, how many of these there are, and the order of those of the search for
  /// the last image; nil for a front whose argument is not an image.
  private var orders: (all: Int, frequencies: Int, last: Int)? {
    FrontTorus(self).map { torus in
      let all = 2 * torus.levels.reduce(0) { $0 + $1.count } + outputs
      let last = 2 * torus.levels[torus.levels.count - 1].count + outputs
      return (all, torus.frequencies.count, last)
    }
  }

  private var elements: Int { orders.map { $0.frequencies * $0.all * $0.all } ?? .max }

  /// About the operations of the search and the proof.
  var cost: Double {
    guard let orders else { return .infinity }
    let (all, last) = (Double(orders.all), Double(orders.last))
    return Double(orders.frequencies) * (all * all * all + 12 * last * last * last)
  }
}
