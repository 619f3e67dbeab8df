import BoundAlgebra
import Enclosure
import ModelIR

extension MapNorms {
  /// About the operations of writing a map out and bounding it, when its outer parts are known.
  mutating func cost(_ id: LinearMaps.ID, rows: Int) -> Double {
    let apply = maps.layers(of: id).reduce(0) { $0 + Self.cost(of: $1) }
    let (side, other) = (
      Double(rows), Double(max(maps.inputCount(id), maps.outputCount(id)))
    )
    return side * apply + side * side * other + side * side * side
  }

  /// About the operations of bounding a map jointly; nil where it can only be bounded by its parts.
  static func cost(of id: LinearMaps.ID, in maps: LinearMaps) -> Double? {
    let (a, b) = (maps.inputCount(id), maps.outputCount(id))
    let (side, other) = (Double(min(a, b)), Double(max(a, b)))
    let layers = maps.layers(of: id)
    let convolution = convolutionCost(layers)
    guard min(a, b) <= largestSide, a * b <= largestElements else { return convolution }
    let apply = layers.reduce(0) { $0 + cost(of: $1) }
    return min(side * apply + side * side * (other + side), convolution ?? .infinity)
  }

  /// The cost of ``FourierMethod`` for one convolution between diagonals.
  private static func convolutionCost(_ layers: [LinearOperator]) -> Double? {
    var total: Double?
    for layer in layers {
      switch layer.form {
      case .convolution(_, let window, let input, let filters):
        guard total == nil else { return nil }
        let columns = input[0] * window.strides[0] * window.strides[1]
        let (small, large) = (Double(2 * min(filters, columns)), Double(2 * max(filters, columns)))
        var frequencies = 0.5
        for axis in 0..<2 {
          let reach = input[axis + 1] + 2 * window.kernel[axis]
          frequencies *= Double(reach / window.strides[axis] + 1)
        }
        total = frequencies * small * small * (large + small)
      case .diagonal: continue
      case .dense, .transposedConvolution, .sumPool, .copy, .centering: return nil
      }
    }
    return total
  }

  /// Operations of one application of a layer's operator.
  static func cost(of map: LinearOperator) -> Double {
    let (inputs, outputs) = (
      Double(map.inputShape.reduce(1, *)), Double(map.outputShape.reduce(1, *))
    )
    switch map.form {
    case .dense: return inputs * outputs
    case .convolution(_, let window, let input, _):
      return outputs * Double(input[0] / window.groups * window.kernel[0] * window.kernel[1])
    case .transposedConvolution(_, let window, _, let output):
      return inputs * Double(output[0] / window.groups * window.kernel[0] * window.kernel[1])
    case .sumPool(let window, _, _): return outputs * Double(window.kernel[0] * window.kernel[1])
    case .diagonal, .copy, .centering: return inputs + outputs
    }
  }
}
