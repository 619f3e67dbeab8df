import Enclosure

/// Layers whose outputs see windows of an image.
extension LayerSource {
  func convolution() throws(Refusal) -> ([Int], LayerFunction) {
    let window = try Window(self, axes: kind == "conv1d" ? 1 : 2)
    let isDepthwise = kind == "depthwise"
    let number = try keys(isDepthwise ? "multiplier" : "filters").integer
    guard (1...1 << 16).contains(number) else { throw malformed("has too many filters") }
    let filters = isDepthwise ? number * window.channels : number
    let groups = isDepthwise ? window.channels : try keys("groups").integer
    guard groups > 0, filters % groups == 0, window.channels % groups == 0 else {
      throw malformed("needs filters and channels that its 'groups' divide")
    }
    let (share, taps) = (window.channels / groups, window.taps)
    let weight = try parameter("weight", [filters, share] + window.kernel.suffix(window.axes))
    let places = window.places
    let rows = filters.multipliedReportingOverflow(by: window.outputCount * share * taps)
    guard !rows.overflow, rows.partialValue <= LinearMap.mostElements else {
      throw malformed("is too large to be written out")
    }
    var map = LinearMap(inputs: window.channels * window.area, terms: share * taps)
    for filter in 0..<filters {
      let first = filter / (filters / groups) * share
      for output in places {
        for channel in 0..<share {
          for (tap, place) in output {
            let value = weight[(filter * share + channel) * taps + tap]
            map.append((first + channel) * window.area + place, Double(value))
          }
        }
        map.endRow()
      }
    }
    map.offset = try bias(filters, repeated: places.count)
    return ([filters] + window.outputShape, .linear(map))
  }

  func averagePool() throws(Refusal) -> ([Int], LayerFunction) {
    let isGlobal = kind == "global_avg_pool"
    let window = try Window(self, axes: 2, isWholeImage: isGlobal)
    let factor = Double(Float(1 / Double(window.taps)))
    // The sum of a window and the multiplication by the factor round once more than a sum does.
    var map = LinearMap(inputs: window.channels * window.area, terms: window.taps + 1)
    for channel in 0..<window.channels {
      for output in window.places {
        for (_, place) in output { map.append(channel * window.area + place, factor) }
        map.endRow()
      }
    }
    return ([window.channels] + (isGlobal ? [] : window.outputShape), .linear(map))
  }

  func maximumPool() throws(Refusal) -> ([Int], LayerFunction) {
    let window = try Window(self, axes: 2)
    var places: [[Int32]] = []
    var uses = Array(repeating: 0, count: window.area)
    for output in window.places {
      guard !output.isEmpty else { throw malformed("has windows without elements") }
      for (_, place) in output { uses[place] += 1 }
    }
    for channel in 0..<window.channels {
      for output in window.places {
        places.append(output.map { Int32(channel * window.area + $0.place) })
      }
    }
    let overlap = Double(uses.max() ?? 1)
    return (
      [window.channels] + window.outputShape,
      .maxima(places: places, constant: DirectedRounding.squareRootUp(overlap))
    )
  }
}
