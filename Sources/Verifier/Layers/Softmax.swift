import Enclosure

/// eˣ divided by its sum over the channels.
struct Softmax: GroupLayer {
  static let kind = "softmax"

  let shape: [Int]
  let form: LayerForm
  private let groups: [[Int32]]

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    groups = layer.groups(of: shape[0], step: layer.area)
    form = .nonlinear(UpperBound(proven: shape[0] == 1 ? 0 : 0.5))
  }

  func values(_ x: GroupValues) -> GroupValues {
    let largest = x.largest(of: groups).spread(over: groups)
    let powers = x.with(largest) { $0 - $1 }.map(\.exponential)
    let sums = powers.sums(of: groups, terms: groups[0].count)
    return powers.with(sums.spread(over: groups)) { $0 / $1 }
  }
}
