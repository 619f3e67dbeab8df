/// An image whose pixels come from points between pixels, by bilinear interpolation, with zeros outside.
struct BilinearMovement {
  /// Where a pixel comes from along one axis: a mean of a place and the next one.
  struct Origin {
    let place: Int
    /// Of the place and of the next one; their sum is 1.
    let weights: (Float, Float)

    init(_ place: Int, next weight: Float) { (self.place, weights) = (place, (1 - weight, weight)) }
    init(_ place: Int, first weight: Float) {
      (self.place, weights) = (place, (weight, 1 - weight))
    }
  }

  private let (height, width): (Int, Int)
  /// Row-major; nil for pixels that come from outside.
  private let origins: [(row: Origin, column: Origin)?]

  /// - Parameter origin: where the pixel of a row and a column comes from; nil for a zero.
  init(
    height: Int, width: Int, origin: (_ row: Int, _ column: Int) -> (row: Origin, column: Origin)?
  ) {
    (self.height, self.width) = (height, width)
    origins = (0..<height * width).map { origin($0 / width, $0 % width) }
  }

  /// The origins of a pixel that comes from the point (y, x); nil outside the image, from which no pixel is less
  /// than 1 away.
  static func origins(
    _ y: Double, _ x: Double, _ height: Int, _ width: Int
  ) -> (row: Origin, column: Origin)? {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    guard left >= -1, left < Double(width), top >= -1, top < Double(height) else { return nil }
    return (Origin(Int(top), next: Float(y - top)), Origin(Int(left), next: Float(x - left)))
  }

  /// Moves all channels of a sample [C, H, W], row-major.
  func apply(to sample: UnsafeMutableBufferPointer<Float>) {
    var moved = [Float](repeating: 0, count: origins.count)
    for start in stride(from: 0, to: sample.count, by: origins.count) {
      let plane = UnsafeMutableBufferPointer(rebasing: sample[start..<start + origins.count])
      for (place, origin) in origins.enumerated() {
        moved[place] = origin.map { mean(plane, $0.row, $0.column) } ?? 0
      }
      _ = plane.update(from: moved)
    }
  }

  @inline(__always)
  private func mean(
    _ plane: UnsafeMutableBufferPointer<Float>, _ row: Origin, _ column: Origin
  ) -> Float {
    func element(_ y: Int, _ x: Int) -> Float {
      y >= 0 && y < height && x >= 0 && x < width ? plane[y * width + x] : 0
    }
    func mean(of y: Int) -> Float {
      column.weights.0 * element(y, column.place) + column.weights.1 * element(y, column.place + 1)
    }
    return row.weights.0 * mean(of: row.place) + row.weights.1 * mean(of: row.place + 1)
  }
}
