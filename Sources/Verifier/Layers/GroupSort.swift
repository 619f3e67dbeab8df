/// Groups of channels, sorted at each place.
struct GroupSort: SortingLayer {
  static let kind = "group_sort"
  static let keys = [ChannelGroups.key]

  let shape: [Int]
  let groups: [[Int32]]

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    groups = try ChannelGroups.groups(layer, size: layer.keys("size").integer)
  }
}
