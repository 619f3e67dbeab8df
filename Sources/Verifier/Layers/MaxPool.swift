/// The largest element of each window of an image.
struct MaxPool: MaximumLayer {
  static let kind = "max_pool"
  static let keys = Pooling.keys

  let shape: [Int]
  let groups: [[Int32]]
  let form: LayerForm

  init(_ layer: LayerDescription) throws(Refusal) {
    let window = try Pooling.window(layer)
    shape = [window.channels] + window.outputShape
    groups = window.groups
    let norm = window.overlapNorm
    form = norm == .one ? .comparisons(Comparisons(maximaOf: groups)) : .nonlinear(norm)
    guard !groups.contains(where: \.isEmpty) else {
      throw layer.malformed("has windows without elements")
    }
  }
}
