import Enclosure

/// Less the mean of all elements, of each place's channels, or of each channel: an orthogonal projection.
struct Center: GroupLayer {
  static let kind = "center"
  static let keys = [LayerKey("over", .word(["all", "channels", "positions"]))]

  let shape: [Int]
  let form: LayerForm
  private let groups: [[Int32]]

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    groups =
      switch try layer.keys("over").string {
      case "channels": layer.groups(of: shape[0], step: layer.area)
      case "positions": layer.groups(of: layer.area)
      default: layer.groups(of: layer.inputCount)
      }
    // Nothing is left of a single element.
    let norm = groups.allSatisfy { $0.count == 1 } ? UpperBound.zero : .one
    form = .linear(Self.projection(groups, count: layer.inputCount), norm: norm)
  }

  func values(_ x: GroupValues) -> GroupValues { x.centered(groups) }

  /// I less the means' coefficients 1/n, of which each row has as many as its group has elements.
  private static func projection(_ groups: [[Int32]], count: Int) -> LinearMap {
    let size = groups[0].count
    let share = 1 / Double(size)
    // The coefficients of the k-th element of a group are those from place n − 1 − k on.
    var coefficients = Array(repeating: -share, count: 2 * size - 1)
    coefficients[size - 1] = 1 - share
    var map = LinearMap(inputs: count, terms: 0, coefficients: coefficients)
    // 1/n is rounded, and so is the difference, which is 0 or at least 1/2.
    map.coefficientError = 0x1p-52
    map.means = groups
    var members = Array(repeating: (group: 0, member: 0), count: count)
    for (index, group) in groups.enumerated() {
      map.addPattern(group.enumerated().map { (Int($1), $0) })
      for (member, place) in group.enumerated() { members[Int(place)] = (index, member) }
    }
    for place in members { map.addRow(place.group, place: size - 1 - place.member) }
    return map
  }
}
