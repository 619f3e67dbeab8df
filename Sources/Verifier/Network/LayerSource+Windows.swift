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
    let share = window.channels / groups
    let weight = try parameter("weight", [filters, share] + window.kernel.suffix(window.axes))
    let stencil = window.stencil(filters: filters, groups: groups, weight.map(Double.init))
    var map = try written(stencil, terms: share * window.taps)
    map.offset = try bias(filters, repeated: window.outputCount)
    return ([filters] + window.outputShape, .linear(map))
  }

  /// The adjoint of a convolution of the output.
  func transposedConvolution() throws(Refusal) -> ([Int], LayerFunction) {
    let image = inputs[0]
    let (filters, groups) = (try keys("filters").integer, try keys("groups").integer)
    guard image.count == 3, (1...1 << 16).contains(filters), groups > 0, filters % groups == 0,
      image[0] % groups == 0
    else { throw malformed("needs filters and channels that its 'groups' divide") }
    let window = try Window(self, axes: 2, adjoint: filters)
    let weight = try parameter("weight", [image[0], filters / groups] + window.kernel)
    let stencil = window.stencil(filters: image[0], groups: groups, weight.map(Double.init))
    let terms = image[0] / groups * window.taps
    guard var map = try written(stencil, terms: terms).transposed else {
      throw malformed("is too large to be written out")
    }
    map.offset = try bias(filters, repeated: window.area)
    return (stencil.input, .linear(map))
  }

  private func written(_ stencil: Stencil, terms: Int) throws(Refusal) -> LinearMap {
    let places = stencil.output[1] * stencil.output[2]
    let (patterns, overflow) = places.multipliedReportingOverflow(by: terms)
    guard !overflow, patterns <= LinearMap.mostWritten,
      patterns <= LinearMap.mostElements / max(1, stencil.output[0])
    else {
      throw malformed("has too many coefficients")
    }
    return LinearMap(stencil, terms: terms)
  }

  func averagePool() throws(Refusal) -> ([Int], LayerFunction) {
    let isGlobal = kind == "global_avg_pool"
    let window = try Window(self, axes: 2, isWholeImage: isGlobal)
    let factor = Double(Float(1 / Double(window.taps)))
    // The sum of a window and the multiplication by the factor round once more than a sum does.
    let map = try written(sum(window, times: factor), terms: window.taps + 1)
    return ([window.channels] + (isGlobal ? [] : window.outputShape), .linear(map))
  }

  private func sum(_ window: Window, times factor: Double) -> Stencil {
    window.stencil(
      filters: window.channels, groups: window.channels,
      Array(repeating: factor, count: window.channels * window.taps))
  }

  func maximumPool() throws(Refusal) -> ([Int], LayerFunction) {
    let window = try Window(self, axes: 2)
    let groups = groups(window)
    guard !groups.contains(where: \.isEmpty) else {
      throw malformed("has windows without elements")
    }
    return (
      [window.channels] + window.outputShape,
      .maxima(places: groups, constant: overlap(window))
    )
  }

  /// √Σx² or Σ|x| of each window.
  func normPool() throws(Refusal) -> ([Int], LayerFunction) {
    let window = try Window(self, axes: 2)
    let isRoot = try keys("p").integer == 2
    let function = GroupFunction.sums(groups(window), terms: window.taps, isRoot: isRoot)
    let constant =
      isRoot
      ? GroupFunction.Constant.known(UpperBound(proven: overlap(window)))
      : .norm(try written(sum(window, times: 1), terms: 0))
    return ([window.channels] + window.outputShape, .grouped(function, constant))
  }

  /// The places that each window of each channel reads.
  private func groups(_ window: Window) -> [[Int32]] {
    let places = window.places
    return (0..<window.channels).flatMap { channel in
      places.map { $0.map { Int32(channel * window.area + $0) } }
    }
  }

  /// √n, n the most windows that read one element.
  private func overlap(_ window: Window) -> Double {
    var uses = Array(repeating: 0, count: window.area)
    for place in window.places.joined() { uses[place] += 1 }
    return DirectedRounding.squareRootUp(Double(uses.max() ?? 1))
  }
}
