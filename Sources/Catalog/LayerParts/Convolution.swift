import ModelIR
import TensorGraph

/// What `conv1d`, `conv2d` and `depthwise` share: a zero-padded cross-correlation of [C, H, W] with M filters.
///
/// y[m, i, j] = b[m] + Σ w[m, c, p, q] · x[g(m)·C/groups + c, i·s + p·d − padding, …], x zero outside.
struct Convolution: Sendable {
  var filters: Int
  let kernel: PairValue
  let stride: PairValue
  let padding: PaddingValue
  let dilation: PairValue
  var groups: Int
  let hasBias: Bool
  let initializer: InitializerWord
  let method: ConvolutionNormWord

  /// The distance from a filter's first to its last tap, both counted.
  private var spans: [Int] {
    zip(kernel.array, dilation.array).map { ($0 - 1) * $1 + 1 }
  }

  /// The geometry for an input of [H, W].
  func window(for extent: [Int]) -> ConvolutionWindow {
    let amounts = (0..<2).map {
      padding.amounts(
        axis: $0, extent: extent[$0], span: spans[$0], stride: stride.array[$0])
    }
    return ConvolutionWindow(
      kernel: kernel.array, strides: stride.array, paddingLow: amounts.map(\.low),
      paddingHigh: amounts.map(\.high), dilations: dilation.array, groups: groups)
  }

  /// [M, H', W'] for [C, H, W].
  func outputShape(of input: [Int]) throws(ShapeFault) -> [Int] {
    guard input[0] % groups == 0 else {
      throw ShapeFault(
        "needs channels divisible by 'groups' \(groups), found \(input[0]) in \(input)")
    }
    let window = window(for: Array(input[1...]))
    guard let extent = window.outputExtent(Array(input[1...])) else {
      let padded = (0..<2).map {
        input[$0 + 1] + window.paddingLow[$0] + window.paddingHigh[$0]
      }
      throw ShapeFault(
        "needs a padded input no smaller than its kernel's reach \(spans), found \(padded)",
        help: "use a smaller kernel or dilation, or more padding")
    }
    return [filters] + extent
  }

  /// The parameters, `extent` being the filter's axes after the channels.
  func parameters(channels: Int, extent: [Int]) -> [ParameterDeclaration] {
    let taps = kernel.height * kernel.width
    let initializer = initializer.initializer(
      fanIn: channels / groups * taps, fanOut: filters / groups * taps)
    let shape = [filters, channels / groups] + extent
    let weight = ParameterDeclaration("weight", shape, .weight, initializer)
    let bias = ParameterDeclaration("bias", [filters], .bias, .constant(0))
    return hasBias ? [weight, bias] : [weight]
  }

  /// The map without bias of [C, H, W].
  func linearOperator(in context: LayerBoundContext, input: [Int]) -> LinearOperator {
    LinearOperator(
      name: context.name,
      form: .convolution(
        weight: context.parameter("weight"), window: window(for: Array(input[1...])),
        input: input, filters: filters),
      method: method.method)
  }

  /// Appends the map with bias; x [N, C, H, W], filter [M, C/groups, kh, kw].
  func lower(_ x: Value, filter: Value, _ context: inout LoweringContext) -> Value {
    let extent = Array(context.builder.shape(x)[2...])
    let y = context.builder.convolution(x, filter, window(for: extent))
    guard hasBias else { return y }
    let shape = context.builder.shape(y)
    let bias = context.builder.broadcast(context.parameter("bias"), to: shape, axes: [1])
    return context.builder.add(y, bias)
  }
}

extension ConfigReader {
  /// Whether the groups divide the filters; reports it if not.
  mutating func requireDivisible(filters: Int, groups: Int) -> Bool {
    if filters % groups == 0 { return true }
    report(
      .error(
        .spec, "out-of-range",
        "'filters' must be divisible by 'groups' \(groups), found \(filters)",
        at: node("filters")?.span ?? span))
    return false
  }
}
