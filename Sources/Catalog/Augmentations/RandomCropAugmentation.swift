import ModelIR

/// A random crop: the image is padded by p zeros on every side and cut to its size again at a random
/// place, every one of the (2p + 1)² places as likely as the others.
///
/// Zeros are those of the input space, after `scale`.
///
/// - Shapes: [C, H, W] with H and W above p.
/// - Cost: one pass over the sample.
/// - Reference: He, Zhang, Ren, Sun 2016, section 4.2.
public struct RandomCropAugmentation: Augmentation {
  private enum Keys {
    static let padding = SpecKey<Int>(
      "padding", default: 4, "the zeros p on every side", .count)
  }

  /// The name in a spec.
  public static let kind = "random_crop"
  /// The keys.
  public static let keys = [Keys.padding.description]
  /// `random_crop: 4`.
  public static let mainKey: String? = "padding"
  /// Cases for the generic tests.
  public static let examples = ["{padding: 1}", "2"]

  private let padding: Int

  /// Reads the keys.
  public init?(from reader: inout ConfigReader) {
    guard let padding = reader.read(Keys.padding) else { return nil }
    self.padding = padding
  }

  /// An image that no crop leaves altogether.
  public func check(_ shape: [Int]) throws(ShapeFault) {
    guard shape.count == 3 else {
      throw ShapeFault("needs images [channels, height, width], found \(shape)")
    }
    guard shape[1] > padding, shape[2] > padding else {
      throw ShapeFault("needs images larger than 'padding' \(padding), found \(shape)")
    }
  }

  /// A shift by up to p in each direction.
  public func apply(
    to sample: UnsafeMutableBufferPointer<Float>, shape: [Int], draws: SampleDraws
  ) {
    let down = draws.integer(0, below: 2 * padding + 1) - padding
    let right = draws.integer(1, below: 2 * padding + 1) - padding
    let (height, width) = (shape[1], shape[2])
    // Rows are overwritten only after they have been read.
    let rows = down >= 0 ? Array(0..<height) : Array((0..<height).reversed())
    for channel in 0..<shape[0] {
      for row in rows {
        let target = rebased(sample, channel * height + row, width)
        if (0..<height).contains(row + down) {
          let source = rebased(sample, channel * height + row + down, width)
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

  private func rebased(
    _ sample: UnsafeMutableBufferPointer<Float>, _ row: Int, _ width: Int
  ) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: sample[row * width..<(row + 1) * width])
  }
}
