import ModelIR
import TensorGraph

/// What `avg_pool` and `max_pool` share: the keys and the geometry of their windows.
struct Pooling: Sendable {
  let kernel: PairValue
  let stride: PairValue
  let padding: PaddingValue

  private enum Keys {
    static let kernel = SpecKey<PairValue>("kernel", "the window's extent", .extents)
    static let stride = SpecKey<StrideValue>(
      "stride", default: .kernel, "the step between windows", .strides)
    static let padding = SpecKey<PaddingValue>(
      "padding", default: .extents(PairValue(0)),
      "rows and columns around the input, less than 'kernel'",
      .padding)
  }

  /// The keys in the order of the manual.
  static let keys = [Keys.kernel.description, Keys.stride.description, Keys.padding.description]

  init?(from reader: inout ConfigReader) {
    let kernel = reader.read(Keys.kernel)
    let stride = reader.read(Keys.stride)
    let padding = reader.read(Keys.padding)
    guard let kernel, let stride, let padding else { return nil }
    if case .extents(let pair) = padding, pair.height >= kernel.height || pair.width >= kernel.width
    {
      reader.report(
        .error(
          .spec, "out-of-range",
          "'padding' must be less than 'kernel' \(kernel.specText), found \(pair.specText)",
          at: reader.node("padding")?.span ?? reader.span))
      return nil
    }
    self.kernel = kernel
    self.stride = stride.pair(kernel: kernel)
    self.padding = padding
  }

  /// The geometry for an input of [H, W].
  func window(for extent: [Int]) -> PoolWindow {
    let amounts = (0..<2).map {
      padding.amounts(
        axis: $0, extent: extent[$0], span: kernel.array[$0], stride: stride.array[$0])
    }
    return PoolWindow(
      kernel: kernel.array, strides: stride.array, paddingLow: amounts.map(\.low),
      paddingHigh: amounts.map(\.high))
  }

  /// [C, H', W'] for the one input [C, H, W].
  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let input = try inputs.image()
    let window = window(for: Array(input[1...]))
    guard let extent = window.outputExtent(Array(input[1...])) else {
      let padded = (0..<2).map {
        input[$0 + 1] + window.paddingLow[$0] + window.paddingHigh[$0]
      }
      throw ShapeFault(
        "needs a padded input no smaller than its kernel \(kernel.array), found \(padded)",
        help: "use a smaller kernel or more padding")
    }
    return [input[0]] + extent
  }
}
