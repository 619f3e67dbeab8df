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
    guard groups[0].count <= layer.mostReads / layer.inputCount else {
      throw layer.malformed("has too many coefficients")
    }
    form = .linear(Self.projection(groups, count: layer.inputCount), norm: .one)
  }

  func values(_ x: GroupValues) -> GroupValues { x.centered(groups) }

  /// I less the means' coefficients 1/n.
  private static func projection(_ groups: [[Int32]], count: Int) -> LinearMap {
    let share = 1 / Double(groups[0].count)
    var map = LinearMap(inputs: count, terms: 0, coefficients: [-share, 1 - share])
    // 1/n is rounded, and so is the difference, which is 0 or at least 1/2.
    map.coefficientError = 0x1p-52
    var patterns = Array(repeating: (group: 0, member: 0), count: count)
    for (index, group) in groups.enumerated() {
      for (member, place) in group.enumerated() { patterns[Int(place)] = (index, member) }
    }
    for (index, pattern) in patterns.enumerated() {
      map.addPattern(
        groups[pattern.group].enumerated().map { (Int($1), $0 == pattern.member ? 1 : 0) })
      map.addRow(index)
    }
    return map
  }
}
