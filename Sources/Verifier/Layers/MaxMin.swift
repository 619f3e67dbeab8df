/// The larger and the smaller of channels i and i + C/2.
struct MaxMin: SortingLayer {
  static let kind = "max_min"

  let shape: [Int]
  let groups: [[Int32]]

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    groups = try ChannelGroups.groups(layer, size: 2)
  }
}
