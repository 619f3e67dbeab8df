import BoundAlgebra
import MatrixProducts
import ModelIR

/// Consecutive dense layers with an elementwise function between each two, whose slopes lie in [0, β].
///
/// Copies that keep the order of elements, such as `flatten`, may occur in between.
public struct DenseChain: Sendable {
  /// A layer with a weight [outputs, inputs].
  public struct Layer: Sendable {
    /// The operator's name.
    public let name: String
    /// The weight's full name.
    public let weight: String
    let inputs: Int
    let outputs: Int
    /// β of the activation that follows; nil after the last layer.
    public let slope: BoundConstant?
  }

  /// The first is applied first.
  public let layers: [Layer]
  /// The position that the first layer is applied to: 0 for the input, then the nodes in order.
  public let source: Int
  /// `first…last`.
  public let name: String

  /// The longest chain that ends at a position; nil if it has fewer than two layers.
  init?(endingAt position: Int, _ model: Model, _ bounds: [LayerBound]) {
    var found: [Layer] = []
    var place = position
    var slope: BoundConstant?
    while place > 0, case .linear(let map) = bounds[place - 1],
      case .dense(let weight, let inputs, let outputs) = map.form
    {
      found.append(
        Layer(
          name: map.name, weight: weight, inputs: inputs, outputs: outputs, slope: slope))
      place = Self.skippingCopies(from: model.nodes[place - 1].operands[0].position, model, bounds)
      guard place > 0, case .elementwise(let slopes) = bounds[place - 1],
        slopes.negative.upper == .zero, slopes.positive.upper.isFinite
      else { break }
      let before = Self.skippingCopies(
        from: model.nodes[place - 1].operands[0].position, model, bounds)
      guard before > 0, case .linear(let map) = bounds[before - 1], case .dense = map.form else {
        break
      }
      (slope, place) = (slopes.positive, before)
    }
    guard found.count > 1, let first = found.last, let last = found.first else { return nil }
    layers = found.reversed()
    source = place
    name = "\(first.name)…\(last.name)"
  }

  private static func skippingCopies(
    from position: Int, _ model: Model, _ bounds: [LayerBound]
  ) -> Int {
    var position = position
    while position > 0, case .linear(let map) = bounds[position - 1],
      case .copy(let copy) = map.form,
      copy.keepsOrder
    {
      position = model.nodes[position - 1].operands[0].position
    }
    return position
  }

  /// About how many multiplications ``QuadraticChain`` takes: three factorizations for each layer.
  var cost: Double {
    layers.dropFirst().reduce(Double(layers[0].outputs * layers[0].outputs * layers[0].inputs) / 2)
    {
      let side = Double($1.inputs + $1.outputs)
      return $0 + side * side * side / 2
    }
  }

  /// The chain's constants for given weights; nil if they could not be certified.
  func bound(_ weights: (String) -> [Float], _ workers: Workers) -> QuadraticChain? {
    var weighted: [QuadraticChain.Layer] = []
    for layer in layers {
      guard let weight = ScaledNumbers(weights(layer.weight).map(Double.init)) else { return nil }
      weighted.append(
        QuadraticChain.Layer(
          rows: layer.outputs, columns: layer.inputs, weight: weight, slope: layer.slope))
    }
    return QuadraticChain(weighted, workers)
  }
}
