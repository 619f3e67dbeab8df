import Enclosure

extension LayerDescription {
  /// The diagonal map with a factor for each channel, each within a relative error of the exact one.
  func scaling(_ factors: [Double], relativeError: Double = 0) -> LinearMap {
    let image = input.count == 3 ? input : [input[0], 1, area]
    var map = LinearMap(
      Stencil(factors: factors, relativeError: relativeError, image), terms: 1)
    map.coefficientError = relativeError
    return map
  }

  /// Each channel's number for each of its elements.
  func spread(_ numbers: [Double]) -> [Double] {
    numbers.flatMap { Array(repeating: $0, count: area) }
  }
}
