import TensorGraph

/// Layers drawn from a seed: every kind, with keys that usually but not always fit together.
struct RandomNetwork {
  /// The shape of an input.
  let input: [Int]
  /// The layers in flow style, as `--set network.layers=…` takes them.
  private(set) var layers: [String] = []
  private var channels: Int
  private var draw: DrawnChoice
  private let isImage: Bool

  /// Three to seven layers and a head of three classes.
  init(seed: UInt64) {
    draw = DrawnChoice(seed: seed)
    isImage = CounterRandom.mix(seed &+ 77) % 2 == 0
    channels = isImage ? 2 : 6
    input = isImage ? [2, 5, 6] : [6]
    for _ in 0..<draw.next(3...7) { layers.append(isImage ? imageLayer() : vectorLayer()) }
    if isImage { layers.append("flatten") }
    layers.append("dense: 3")
    if draw.next(0...3) == 0 { layers.append(activation()) }
  }

  /// The overrides that make a spec this network.
  var overrides: [String] {
    ["network.input=\(input)", "network.layers=[\(layers.joined(separator: ", "))]"]
  }

  private mutating func activation() -> String {
    draw.pick([
      "relu", "leaky_relu: 0.3", "elu", "selu", "softplus", "sigmoid", "tanh", "gelu", "silu",
      "hard_tanh", "abs", "identity", "dropout: 0.5", "{elu: {alpha: 1.7}}",
    ])
  }

  private mutating func vectorLayer() -> String {
    switch draw.next(0...6) {
    case 0...1:
      channels = draw.next(1...4) * 2
      return "dense: \(channels)"
    case 2: return "max_min"
    case 3: return "{normalize: {mean: 0.3, std: 0.4}}"
    case 4: return "{residual: {branch: [dense: 5, \(activation()), dense: \(channels)]}}"
    case 5:
      let width = draw.next(1...3) * 2
      let first = "{parallel: {branches: [[dense: \(width), \(activation())], [\(activation())]]"
      channels += width
      return first + ", merge: concat}}"
    default: return activation()
    }
  }

  private mutating func imageLayer() -> String {
    switch draw.next(0...7) {
    case 0...1: return convolution(filters: 2 * draw.next(1...2), isSame: false)
    case 2:
      let pool = draw.pick(["avg_pool", "max_pool"])
      let stride = draw.next(1...2)
      return
        "{\(pool): {kernel: [\(draw.next(1...3)), 2], stride: \(stride), padding: \(draw.next(0...1))}}"
    case 3: return "{scale: {factor: -1.5}}"
    case 4:
      let inner = convolution(filters: channels, isSame: true)
      return "{residual: {branch: [\(inner), \(activation())], shortcut: [\(activation())]}}"
    case 5:
      let old = channels
      let side = convolution(filters: 2, isSame: true)
      channels = old + 2
      return "{parallel: {branches: [[\(side)], [\(activation())]], merge: concat}}"
    case 6: return "max_min"
    default: return activation()
    }
  }

  private mutating func convolution(filters: Int, isSame: Bool) -> String {
    let groups = draw.next(0...3) == 0 ? 2 : 1
    channels = filters
    let window =
      isSame
      ? "kernel: 3, padding: same"
      : "kernel: [\(draw.next(1...3)), \(draw.next(1...3))], stride: \(draw.next(1...2)), padding: \(draw.next(0...2)),"
        + " dilation: \(draw.next(1...2))"
    return "{conv2d: {filters: \(filters), groups: \(groups), \(window)}}"
  }
}
