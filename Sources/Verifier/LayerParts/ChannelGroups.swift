/// The channels i, i + C/k, … of `max_min`, `group_sort` and `maxout`.
enum ChannelGroups {
  static let key = LayerKey("size", .integer(2...64))

  /// The elements of each group of `size` channels at each place.
  static func groups(_ layer: LayerDescription, size: Int) throws(Refusal) -> [[Int32]] {
    guard layer.input[0] % size == 0 else {
      throw layer.malformed("must have channels divisible by \(size), found \(layer.input[0])")
    }
    return layer.groups(of: size, step: layer.inputCount / size)
  }
}
