import ModelIR

extension [[Int]] {
  /// The shape of a layer's one input.
  func only() throws(ShapeFault) -> [Int] {
    guard count == 1 else {
      throw ShapeFault(
        "takes one input, found \(count)", help: "join them with 'add' or 'concat' first")
    }
    return self[0]
  }

  /// The shape [channels, height, width] of a layer's one input.
  func image() throws(ShapeFault) -> [Int] {
    let shape = try only()
    guard shape.count == 3 else {
      throw ShapeFault(
        "needs an input [channels, height, width], found \(shape)",
        help: "put 'reshape: [channels, height, width]' before it")
    }
    return shape
  }

  /// The shape of a layer's one input, which must have channels: a first axis.
  ///
  /// - Parameter need: what the layer needs them for.
  func channels(_ need: String) throws(ShapeFault) -> [Int] {
    let shape = try only()
    guard !shape.isEmpty else {
      throw ShapeFault("\(need) and needs at least one axis, found \(shape)")
    }
    return shape
  }

  /// At least two shapes, for layers that merge.
  func several() throws(ShapeFault) -> [[Int]] {
    guard count >= 2 else {
      throw ShapeFault(
        "merges at least two inputs, found \(count)", help: "name them with 'from: [a, b]'")
    }
    return self
  }
}
