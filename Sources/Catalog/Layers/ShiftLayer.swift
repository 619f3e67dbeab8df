import ModelIR
import TensorGraph

/// A circular shift of an image's channels, some in each direction; what leaves on one side enters on the other.
///
/// k channels move down by d pixels, the next k up, the next k to the right, the next k to the left; the others stay.
/// A vector moves as a whole: y[i] = x[(i − d) mod D]. Between layers that mix the channels of each pixel, shifts
/// take the place of filters.
///
/// - Shapes: [C, H, W] with C ≥ 4k, or [D]; kept.
/// - Bound: constant 1, reached by every input: a permutation.
/// - Cost: a copy.
/// - Reference: Hu, Hu, Fredrikson 2026 (LipNeXt); Wu et al. 2018.
struct ShiftLayer: ImageCopyLayer {
  static let kind = "shift"
  static let mainKey: String? = "distance"
  static let examples = [
    LayerExample("", inputs: [[5, 3, 4]]),
    LayerExample("{distance: 2, channels: 2}", inputs: [[9, 3, 2]]),
    LayerExample("{distance: 3}", inputs: [[7]]),
  ]

  private let distance: Int
  private let channels: Int?

  init(from reader: inout ConfigReader) {
    distance = reader.read(
      "distance", default: 1, "the distance d in pixels, or in elements of a vector", .extents)
    channels = reader.readIfPresent(
      SpecKey("channels", "the number k of channels that move in each direction", .channels),
      otherwise: "a fifth of the channels, rounded down")
  }

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let shape = try inputs.only()
    if shape.count != 1 { try check(inputs.image()) }
    return shape
  }

  func check(_ image: [Int]) throws(ShapeFault) {
    let needed = channels.map { 4 * $0 } ?? 5
    guard image[0] < needed else { return }
    throw ShapeFault(
      "needs at least \(needed) channels, found \(image)",
      help: image[0] < 4
        ? "a channel moves in each of four directions: put a layer with more filters before it"
        : "set 'channels' to at most \(image[0] / 4), a quarter of the image's")
  }

  func map(_ shape: [Int]) -> CopyMap {
    guard shape.count > 1 else {
      let row = CopyMap.Rotation(slices: 1, axis: 1, distance: distance)
      return CopyMap(shape, [.reshape([1] + shape), .rotate([row]), .reshape(shape)])
    }
    let count = channels ?? shape[0] / 5
    let directions = [(1, distance), (1, -distance), (2, distance), (2, -distance)].map {
      CopyMap.Rotation(slices: count, axis: $0.0, distance: $0.1)
    }
    return CopyMap(shape, [.rotate(directions)])
  }
}
