import ModelIR
import TensorGraph

/// What `avg_pool`, `lp_pool` and `max_pool` share: the keys and the geometry of their windows.
struct Pooling: Sendable {
  let kernel: PairValue
  private let stride: PairValue
  private let padding: Padding<PairValue>

  /// The word for windows that touch and do not overlap.
  private enum KernelWord: String, WordValue {
    case kernel
  }

  init(from reader: inout ConfigReader) {
    kernel = reader.read("kernel", "the window's extent", .extents)
    let stride: WordOr<KernelWord, PairValue> = reader.read(
      "stride", default: .word(.kernel), "the step between windows", .extents)
    padding = reader.read(
      "padding", default: .other(PairValue(0)),
      "rows and columns around the input, less than 'kernel'", .amounts)
    self.stride =
      switch stride {
      case .word(.kernel): kernel
      case .other(let pair): pair
      }
    reader.require(
      zip(padding.lengths, kernel.lengths).allSatisfy { $0 < $1 }, "out-of-range",
      "'padding' must be less than 'kernel' \(kernel.specText), found \(padding.specText)",
      at: "padding")
  }

  /// The geometry for an input of [H, W].
  func window(for extents: [Int]) -> PoolWindow {
    let zeros = padding.amounts(extents: extents, spans: kernel.array, strides: stride.array)
    return PoolWindow(
      kernel: kernel.array, strides: stride.array, paddingLow: zeros.low, paddingHigh: zeros.high)
  }

  /// [C, H′, W′] for the one input [C, H, W].
  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let input = try inputs.image()
    let extents = Array(input[1...])
    let window = window(for: extents)
    guard let output = window.outputExtent(extents) else {
      let padded = extents.indices.map {
        extents[$0] + window.paddingLow[$0] + window.paddingHigh[$0]
      }
      throw ShapeFault(
        "needs a padded input no smaller than its kernel \(kernel.array), found \(padded)",
        help: "use a smaller kernel or more padding")
    }
    return [input[0]] + output
  }
}
