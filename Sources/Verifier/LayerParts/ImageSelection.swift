/// Layers each of whose elements is an element of an image, or 0.
struct ImageSelection {
  let shape: [Int]
  let evaluation: LinearEvaluation

  /// - Parameters:
  ///   - extent: the output's rows and columns.
  ///   - place: the row and the column of the input that a row and a column of the output repeat.
  init(
    _ layer: LayerDescription, extent: [Int], place: (_ row: Int, _ column: Int) -> (Int, Int)
  ) throws(Refusal) {
    let image = layer.input
    shape = [image[0]] + extent
    guard layer.isPossible(shape) else {
      throw layer.malformed("has an invalid output shape \(shape)")
    }
    let places = (0..<shape.reduce(1, *)).map { index -> Int? in
      let (row, column) = place(index / extent[1] % extent[0], index % extent[1])
      guard (0..<image[1]).contains(row), (0..<image[2]).contains(column) else { return nil }
      return (index / (extent[0] * extent[1]) * image[1] + row) * image[2] + column
    }
    evaluation = LinearEvaluation(LinearMap(inputs: layer.inputCount, selecting: places))
  }

  /// One integer for all sides, [height, width], or [top, bottom, left, right].
  static let margins = LayerKey.Domain.integers(LayerKey.amounts, counts: [2, 4])

  /// The margins of an image: top, bottom, left, right.
  static func margins(_ layer: LayerDescription, _ key: String) throws(Refusal) -> [Int] {
    try requireImage(layer)
    let numbers = try layer.keys(key).integers
    return switch numbers.count {
    case 1: Array(repeating: numbers[0], count: 4)
    case 2: [numbers[0], numbers[0], numbers[1], numbers[1]]
    default: numbers
    }
  }

  static func requireImage(_ layer: LayerDescription) throws(Refusal) {
    guard layer.input.count == 3 else {
      throw layer.malformed("must have an image [C, H, W] as input, found \(layer.input)")
    }
  }
}
