import ModelIR

/// A random crop: the image is padded with p zeros on every side and cropped to its size at a random
/// position; all (2p + 1)² positions are equally likely.
///
/// Zeros are those of the input space, after `scale`.
///
/// - Shapes: [C, H, W] with H and W above p.
/// - Cost: one pass over the sample.
/// - Reference: He, Zhang, Ren, Sun 2016, section 4.2.
struct RandomCropAugmentation: Augmentation {
  static let kind = "random_crop"
  static let mainKey: String? = "padding"
  static let examples = ["{padding: 1}", "2"]

  private let padding: Int

  init(from reader: inout ConfigReader) {
    padding = reader.read("padding", default: 4, "the zeros p on every side", .count)
  }

  func check(_ shape: [Int]) throws(ShapeFault) {
    try checkImage(shape)
    guard shape[1] > padding, shape[2] > padding else {
      throw ShapeFault("needs images larger than 'padding' \(padding), found \(shape)")
    }
  }

  func apply(
    to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], draws: SampleDraws
  ) {
    let down = draws.integer(0, below: 2 * padding + 1) - padding
    let right = draws.integer(1, below: 2 * padding + 1) - padding
    let (height, width) = (shape[1], shape[2])
    // Rows are overwritten only after they have been read.
    let rows = down >= 0 ? Array(0..<height) : Array((0..<height).reversed())
    for channel in 0..<shape[0] {
      for row in rows {
        let target = self.row(channel * height + row, of: sample, width)
        if (0..<height).contains(row + down) {
          let source = self.row(channel * height + row + down, of: sample, width)
          move(source, by: right, to: target)
        } else {
          target.update(repeating: 0)
        }
      }
    }
  }

  /// target[x] = source[x + shift], 0 where there is none; the two may be one row.
  private func move(
    _ source: UnsafeMutableBufferPointer<Float>, by shift: Int,
    to target: UnsafeMutableBufferPointer<Float>
  ) {
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    let kept = source.count - abs(shift)
    (to + max(0, -shift)).update(from: from + max(0, shift), count: kept)
    let empty = shift < 0 ? 0..<(-shift) : kept..<target.count
    for column in empty { target[column] = 0 }
  }

  private func row(
    _ index: Int, of sample: UnsafeMutableBufferPointer<Float>, _ width: Int
  ) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: sample[index * width..<(index + 1) * width])
  }
}
