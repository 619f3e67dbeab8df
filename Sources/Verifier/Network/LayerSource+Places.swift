/// Layers that move or order elements.
extension LayerSource {
  func concatenation() throws(Refusal) -> ([Int], LayerFunction) {
    let axis = try keys("axis").integer
    guard inputs[0].indices.contains(axis) else { throw malformed("needs an axis of its inputs") }
    var shape = inputs[0]
    shape[axis] = inputs.reduce(0) { $0 + ($1.indices.contains(axis) ? $1[axis] : 0) }
    let inner = shape[(axis + 1)...].reduce(1, *)
    var (places, before): ([[Int32]], Int) = ([], 0)
    for input in inputs {
      var same = input
      guard input.count == shape.count else { throw malformed("joins other shapes") }
      same[axis] = shape[axis]
      guard same == shape else { throw malformed("joins other shapes") }
      let block = input[axis] * inner
      places.append(
        (0..<input.reduce(1, *)).map {
          Int32($0 / block * shape[axis] * inner + before * inner + $0 % block)
        })
      before += input[axis]
    }
    return (shape, .concatenation(places: places))
  }

  /// Rows and columns of zeros, or left out, or repeated.
  func imageCopy() throws(Refusal) -> ([Int], LayerFunction) {
    let shape = inputs[0]
    let key = ["zero_pad": "padding", "crop": "margins", "upsample": "factor"][kind] ?? ""
    var numbers = try Self.integers(try keys(key))
    if numbers.count == 1 { numbers = Array(repeating: numbers[0], count: 4) }
    if numbers.count == 2 { numbers = [numbers[0], numbers[0], numbers[1], numbers[1]] }
    guard shape.count == 3, numbers.count == 4, numbers.allSatisfy({ (0..<1 << 16).contains($0) })
    else { throw malformed("needs an image and '\(key)'") }
    let (repeats, sign) = (kind == "upsample", kind == "crop" ? -1 : 1)
    let (rows, columns) = (numbers[0], numbers[2])
    let height = repeats ? shape[1] * rows : shape[1] + sign * (rows + numbers[1])
    let width = repeats ? shape[2] * columns : shape[2] + sign * (columns + numbers[3])
    guard Network.isPossible([shape[0], height, width], largest: largest) else {
      throw malformed("gives an impossible image")
    }
    let places = (0..<shape[0] * height * width).map { index -> Int? in
      let (y, x) = (index / width % height, index % width)
      let row = repeats ? y / rows : y - sign * rows
      let column = repeats ? x / columns : x - sign * columns
      guard (0..<shape[1]).contains(row), (0..<shape[2]).contains(column) else { return nil }
      return (index / (width * height) * shape[1] + row) * shape[2] + column
    }
    return (
      [shape[0], height, width],
      .linear(LinearMap(inputs: shape.reduce(1, *), picking: places))
    )
  }

  /// y[c, r·h + i, r·w + j] = x[c·r² + i·r + j, h, w], or the other way round.
  func pixelShuffle() throws(Refusal) -> ([Int], LayerFunction) {
    let (shape, factor) = (inputs[0], try keys("factor").integer)
    let isFine = kind == "pixel_shuffle"
    guard shape.count == 3, (1...1 << 8).contains(factor),
      isFine
        ? shape[0] % (factor * factor) == 0 : shape[1] % factor == 0 && shape[2] % factor == 0
    else { throw malformed("cannot move its elements") }
    // The image with more channels and the one with more rows and columns.
    let coarse =
      isFine ? shape : [shape[0] * factor * factor, shape[1] / factor, shape[2] / factor]
    let fine = [coarse[0] / (factor * factor), coarse[1] * factor, coarse[2] * factor]
    let places = (0..<shape.reduce(1, *)).map { index -> Int? in
      let target = isFine ? fine : coarse
      let (c, y, x) = (
        index / (target[1] * target[2]), index / target[2] % target[1], index % target[2]
      )
      if isFine {
        let channel = (c * factor + y % factor) * factor + x % factor
        return (channel * coarse[1] + y / factor) * coarse[2] + x / factor
      }
      let (row, column) = (c / factor % factor, c % factor)
      let channel = c / (factor * factor)
      return (channel * fine[1] + y * factor + row) * fine[2] + x * factor + column
    }
    return (
      isFine ? fine : coarse,
      .linear(LinearMap(inputs: places.count, picking: places))
    )
  }

  /// Channels i, i + C/k, …: their maximum, or all of them from the largest to the least.
  func groups(size: Int, isMaximum: Bool) throws(Refusal) -> ([Int], LayerFunction) {
    let shape = inputs[0]
    guard size >= 2, shape[0] % size == 0 else { throw malformed("cannot group its channels") }
    let share = shape.reduce(1, *) / size
    let groups = (0..<share).map { first in (0..<size).map { Int32(first + $0 * share) } }
    if isMaximum {
      return ([shape[0] / size] + shape[1...], .maxima(places: groups, constant: 1))
    }
    return (shape, .sorted(groups: groups))
  }
}
