/// The permutation between C·r² channels and r times as many rows and columns.
///
/// fine[c, r·h + i, r·w + j] = coarse[c·r² + i·r + j, h, w].
struct PixelRearrangement {
  static let key = LayerKey("factor", .integer(1...1 << 8))

  /// The image with more channels.
  let coarse: [Int]
  /// The image with more rows and columns.
  let fine: [Int]
  private let factor: Int

  init(coarse: [Int], factor: Int) {
    (self.coarse, self.factor) = (coarse, factor)
    fine = [coarse[0] / (factor * factor), coarse[1] * factor, coarse[2] * factor]
  }

  /// For each element of the fine image its place in the coarse one.
  var placesInCoarse: [Int] {
    (0..<fine.reduce(1, *)).map { index in
      let (c, y, x) = position(index, in: fine)
      let channel = (c * factor + y % factor) * factor + x % factor
      return (channel * coarse[1] + y / factor) * coarse[2] + x / factor
    }
  }

  /// For each element of the coarse image its place in the fine one.
  var placesInFine: [Int] {
    (0..<coarse.reduce(1, *)).map { index in
      let (c, y, x) = position(index, in: coarse)
      let (row, column) = (c / factor % factor, c % factor)
      let channel = c / (factor * factor)
      return (channel * fine[1] + y * factor + row) * fine[2] + x * factor + column
    }
  }

  private func position(_ index: Int, in image: [Int]) -> (channel: Int, row: Int, column: Int) {
    (index / (image[1] * image[2]), index / image[2] % image[1], index % image[2])
  }
}
