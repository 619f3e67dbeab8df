import Enclosure
import MatrixProducts
import Synchronization

/// A linear layer's matrix as a factor of products, with what is computed from it once.
final class MapFactor: Sendable {
  /// The layer's name, which no other layer has.
  let name: String
  let map: LinearMap
  /// Multiplications for one vector.
  let cost: Double
  /// What is known of the matrix's size, once it has been needed.
  private let knownProfile = Mutex<LinearMap.Profile?>(nil)
  /// The map and its adjoint, packed where they have been needed.
  private let packed = Mutex<[Bool: PackedMap]>([:])

  init(_ map: LinearMap, name: String) {
    (self.name, self.map) = (name, map)
    cost = Double(map.means.isEmpty ? map.count : 2 * map.inputs)
  }

  private var profile: LinearMap.Profile {
    knownProfile.withLock { known in
      let found = known ?? map.profileBound
      known = found
      return found
    }
  }

  /// Bounds ‖|A|‖; for a projection that of |x| + mean |x|.
  var absoluteNorm: UpperBound {
    map.means.isEmpty ? profile.absoluteNorm : UpperBound(proven: 2)
  }

  /// The roundings of an element of a product, and the relative error of the coefficients.
  func roundingError(isAdjoint: Bool) -> UpperBound {
    let count = isAdjoint ? profile.columnCount : profile.rowCount
    return AccumulatedError.gamma(count + 3) + UpperBound(proven: map.coefficientError)
  }

  /// A x for sixteen vectors, or Aᵀ x.
  func times(_ x: Lanes, isAdjoint: Bool) -> Lanes {
    let y = Lanes(unfilled: isAdjoint ? map.inputs : map.outputs)
    if map.means.isEmpty {
      multiplier(isAdjoint).multiply(x, into: y)
    } else {
      subtractMeans(x, y)
    }
    return y
  }

  private func multiplier(_ isAdjoint: Bool) -> PackedMap {
    packed.withLock { known in
      if let found = known[isAdjoint] { return found }
      guard let map = isAdjoint ? map.transposed : map else {
        preconditionFailure("the size of layers is limited")
      }
      let made = PackedMap(map)
      known[isAdjoint] = made
      return made
    }
  }

  private func subtractMeans(_ x: Lanes, _ y: Lanes) {
    for group in map.means {
      for lane in 0..<Lanes.width {
        let mean = group.reduce(0) { $0 + x[Int($1), lane] } / Double(group.count)
        for place in group { y[Int(place), lane] = x[Int(place), lane] - mean }
      }
    }
  }
}
