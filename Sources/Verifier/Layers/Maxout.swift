/// The largest element of groups of channels at each place.
struct Maxout: MaximumLayer {
  static let kind = "maxout"
  static let keys = [ChannelGroups.key]

  let shape: [Int]
  let groups: [[Int32]]
  var form: LayerForm { .comparisons(Comparisons(maximaOf: groups)) }

  init(_ layer: LayerDescription) throws(Refusal) {
    let size = try layer.keys("size").integer
    groups = try ChannelGroups.groups(layer, size: size)
    shape = [layer.input[0] / size] + layer.input[1...]
  }
}
