import Enclosure

/// Layers whose outputs depend on a whole group of elements.
extension LayerSource {
  /// Groups of equal size: of neighbours, or of elements that are `step` apart.
  private func groups(of size: Int, step: Int = 1) -> [[Int32]] {
    (0..<inputs[0].reduce(1, *) / size).map { index in
      let first = index / step * step * size + index % step
      return (0..<size).map { Int32(first + $0 * step) }
    }
  }

  func parametricRectifier() throws(Refusal) -> ([Int], LayerFunction) {
    let shape = inputs[0]
    let isShared = try keys("shared").flag
    let slopes = try parameter("weight", [isShared ? 1 : shape[0]]).map(Double.init)
    let area = isShared ? Int.max : shape[1...].reduce(1, *)
    return (shape, .pointwise(Pointwise(slopes: slopes, area: area)))
  }

  func softmax() -> ([Int], LayerFunction) {
    let shape = inputs[0]
    let groups = groups(of: shape[0], step: shape[1...].reduce(1, *))
    let constant = UpperBound(proven: shape[0] == 1 ? 0 : 0.5)
    return (shape, .grouped(.softmax(groups), .known(constant)))
  }

  /// A projection, and so with the constant 1.
  func centering() throws(Refusal) -> ([Int], LayerFunction) {
    let shape = inputs[0]
    let (count, area) = (shape.reduce(1, *), shape[1...].reduce(1, *))
    let groups: [[Int32]]
    switch try keys("over").string {
    case "all": groups = self.groups(of: count)
    case "channels": groups = self.groups(of: shape[0], step: area)
    case "positions": groups = self.groups(of: area)
    default: throw malformed("takes other means")
    }
    return (shape, .centering(try projection(groups, count), .centred(groups)))
  }

  private func projection(_ groups: [[Int32]], _ count: Int) throws(Refusal) -> LinearMap {
    let share = 1 / Double(groups[0].count)
    guard groups[0].count <= mostReads / count else {
      throw malformed("is too large to be written out")
    }
    var map = LinearMap(inputs: count, terms: 0, coefficients: [-share, 1 - share])
    // 1/n is rounded, and so is the difference, which is 0 or at least 1/2.
    map.slack = 0x1p-52
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

  /// Groups of neighbouring elements with mean 0 and variance 1.
  func normalization() throws(Refusal) -> ([Int], LayerFunction) {
    let shape = inputs[0]
    let count = shape.reduce(1, *)
    let number =
      kind == "group_norm" ? try keys("groups").integer : kind == "layer_norm" ? 1 : shape[0]
    guard number > 0, shape[0] % number == 0 || number == 1, count / number >= 2 else {
      throw malformed("cannot group its elements")
    }
    let epsilon = Double(Float(try keys("epsilon").number))
    guard epsilon >= 0x1p-126 else { throw malformed("needs a positive 'epsilon'") }
    var constant = UpperBound.one / LowerBound(proven: epsilon).squareRoot()
    var affine: (factors: [Double], offsets: [Double])?
    if try keys("affine").flag {
      let extents = kind == "layer_norm" ? shape : [shape[0]]
      let repeats = count / extents.reduce(1, *)
      func values(_ suffix: String) throws(Refusal) -> [Double] {
        try parameter(suffix, extents).flatMap { Array(repeating: Double($0), count: repeats) }
      }
      let factors = try values("weight")
      affine = (factors, try values("bias"))
      constant = constant * UpperBound(proven: factors.reduce(0) { max($0, $1.magnitude) })
    }
    let groups = groups(of: count / number)
    return (
      shape, .grouped(.normalised(groups, epsilon: epsilon, affine: affine), .known(constant))
    )
  }
}
