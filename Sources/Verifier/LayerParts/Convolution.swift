/// The keys and the map that `conv1d`, `conv2d` and `depthwise` share.
struct Convolution {
  let shape: [Int]
  let evaluation: LinearEvaluation

  /// The keys of windows, apart from the filters.
  static let keys = [
    LayerKey("kernel", .integers(LayerKey.extents, counts: [2])),
    LayerKey("stride", .integers(LayerKey.extents, counts: [2])),
    LayerKey("padding", .integers(LayerKey.amounts, counts: [2], word: "same")),
    LayerKey("dilation", .integers(LayerKey.extents, counts: [2])),
    LayerKey("bias", .flag),
  ]
  static let filters = LayerKey("filters", filterCounts)
  static let groups = LayerKey("groups", .integer(1...1 << 20))
  static let filterCounts = LayerKey.Domain.integer(1...1 << 16)

  /// y[m] = b[m] + Σ w[m, c] ∗ x[c] over the channels c of m's group.
  init(
    _ layer: LayerDescription, _ window: Window, filters: Int, groups: Int
  ) throws(Refusal) {
    try Self.check(layer, filters: filters, groups: groups)
    let share = window.channels / groups
    let weight = try layer.parameter(
      "weight", [filters, share] + window.kernel.suffix(window.axes))
    let stencil = window.stencil(filters: filters, groups: groups, weight.map(Double.init))
    var map = try layer.map(stencil, terms: share * window.taps)
    map.offset = try layer.bias(filters, repeated: window.outputCount)
    shape = [filters] + window.outputShape
    evaluation = LinearEvaluation(map)
  }

  /// Refuses groups that filters or channels cannot be divided into.
  static func check(_ layer: LayerDescription, filters: Int, groups: Int) throws(Refusal) {
    guard filters % groups == 0, layer.input[0] % groups == 0 else {
      throw layer.malformed("must have filters and channels divisible by 'groups' \(groups)")
    }
  }
}

extension LayerDescription {
  /// A map of images; refused if it has too many coefficients.
  func map(_ stencil: Stencil, terms: Int) throws(Refusal) -> LinearMap {
    let places = stencil.output[1] * stencil.output[2]
    let (patterns, overflow) = places.multipliedReportingOverflow(by: terms)
    guard !overflow, patterns <= LinearMap.mostTransposed,
      patterns <= LinearMap.mostElements / max(1, stencil.output[0])
    else { throw malformed("has too many coefficients") }
    return LinearMap(stencil, terms: terms)
  }
}
