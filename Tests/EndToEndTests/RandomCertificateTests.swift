import Foundation
import LipschitzBounds
import TensorGraph
import Testing

@testable import Certification
@testable import Commands
@testable import Execution
@testable import Verifier

/// Whatever network is certified, the checker verifies its certificate, and no slope that is found exceeds a constant.
///
/// `LMTC_CERTIFIED_NETWORKS` says how many networks of each size are drawn in addition to the usual small ones, as a
/// number or by size, such as `100,300,100`.
@Suite struct RandomCertificateTests {
  private static let more =
    (ProcessInfo.processInfo.environment["LMTC_CERTIFIED_NETWORKS"] ?? "").split(separator: ",")
    .compactMap { Int($0) }

  /// What is made of trained weights, so that norms vanish, cancel or leave the usual range.
  enum Family: Int, CaseIterable, Sendable {
    case trained, zeros, equalRows, oneRank, small, large, subnormal

    func change(_ weights: Weights, seed: UInt64) -> Weights {
      var result = weights
      for name in weights.tensors.keys.sorted() where !name.contains("running") {
        let tensor = weights[name]
        let isChosen =
          CounterRandom.mix(seed ^ UInt64(name.utf8.count * 31 + tensor.elements.count)) % 2 == 0
        guard isChosen else { continue }
        result[name] = HostTensor(tensor.shape, changed(tensor.elements, tensor.shape))
      }
      return result
    }

    private func changed(_ x: [Float], _ shape: [Int]) -> [Float] {
      let width = max(1, x.count / max(1, shape.first ?? 1))
      switch self {
      case .trained: return x
      case .zeros: return x.map { _ in 0 }
      case .equalRows: return x.indices.map { x[$0 % width] }
      case .oneRank: return x.indices.map { x[$0 % width] * x[$0 / width * width] }
      case .small: return x.map { $0 * 0x1p-60 }
      case .large: return x.map { $0 * 0x1p20 }
      case .subnormal: return x.enumerated().map { $0.offset % 3 == 0 ? 0x1p-135 : $0.element }
      }
    }
  }

  /// The refusal of a network's certificate; nil if it is verified, or if the spec has been refused.
  private static func check(
    _ network: CertifiedNetwork, _ seed: UInt64, isDouble: Bool = false
  ) -> (isDrawn: Bool, String?) {
    let spec = isDouble ? PrecisionTests.float64(network.spec) : network.spec
    let family = Family.allCases[Int(seed) % Family.allCases.count]
    guard let run = try? CertifiedRun(spec, weights: { family.change($0, seed: seed) })
    else { return (false, nil) }
    let fault: String?
    do {
      fault = try run.refusal().map { "\($0)" } ?? run.steepness()
    } catch {
      return (true, "\(error)")
    }
    return (true, fault.map { "\(family), seed \(seed): \($0)\n\(spec)" })
  }

  @Test(arguments: 0..<6) func smallNetworksAreVerified(_ block: Int) {
    let drawn = Self.verified(UInt64(block * 20)..<UInt64(block * 20 + 20), .small)
    #expect(drawn >= 10)
  }

  @Test(arguments: 0..<3) func smallNetworksInFloat64AreVerified(_ block: Int) {
    let seeds = UInt64(block * 20)..<UInt64(block * 20 + 20)
    #expect(Self.verified(seeds, .small, isDouble: true) >= 10)
  }

  @Test(arguments: CertifiedNetwork.Size.allCases)
  func moreNetworksAreVerified(_ size: CertifiedNetwork.Size) {
    let place = CertifiedNetwork.Size.allCases.firstIndex(of: size) ?? 0
    guard let count = Self.more.indices.contains(place) ? Self.more[place] : Self.more.first else {
      return
    }
    let drawn = Self.verified(1000..<1000 + UInt64(count), size)
    print("\(size): \(drawn) of \(count) networks could be built")
  }

  /// Networks whose errors the checker bounded by more than the certificates claimed: of a rectifier with a learned slope
  /// before linear layers, of sums of values that are never negative, of steps along gradients whose rectifiers are all
  /// at 0, of an ELU of numbers above 0, of means of numbers of either sign, and of a SELU of a bias and what is never
  /// negative.
  @Test(
    arguments: [
      (1885, .small), (1098, .medium), (1144, .medium), (1097, .small), (1428, .small),
      (1769, .small), (1931, .small),
    ]
      as [(UInt64, CertifiedNetwork.Size)])
  func errorsAreBoundedAlike(_ seed: UInt64, _ size: CertifiedNetwork.Size) {
    #expect(Self.verified(seed..<seed + 1, size) == 1)
  }

  /// Expects no refusal, and counts the networks that could be built.
  private static func verified(
    _ seeds: Range<UInt64>, _ size: CertifiedNetwork.Size, isDouble: Bool = false
  ) -> Int {
    seeds.count { seed in
      let network = CertifiedNetwork(seed: seed, size: size)
      let (isDrawn, refusal) = check(network, seed, isDouble: isDouble)
      #expect(refusal == nil, "\(refusal ?? "")")
      return isDrawn
    }
  }
}

extension CertifiedRun {
  /// Where slopes are taken: far points saturate activations, near ones do not.
  private static let distances = [0, 0.05, 3.0]
  /// Networks of more parameters are not interpreted.
  private static let mostParameters = 20_000

  /// A slope of a difference of logits, at a test sample or beside one, that exceeds the difference's constant.
  fileprivate func steepness() throws -> String? {
    let (model, bounds) = (loading.compilation.model, outcome.bounds)
    guard model.parameterCount <= Self.mostParameters else { return nil }
    let samples = try loading.samples(.test)
    let attack = try LogitAttack(model: model, weights: outcome.weights, samples: samples)
    for offset in 1..<samples.classes {
      for distance in Self.distances {
        let slopes = attack.slopes(towards: offset, at: distance)
        for (label, slope) in zip(samples.labels, slopes) {
          let bound = bounds.differences.bound(label, (label + offset) % samples.classes).value
          if slope > bound * (1 + 1e-12) + bounds.upper.value * 1e-14 {
            return "slope \(slope), constant \(bound)"
          }
        }
      }
    }
    return nil
  }
}

/// A spec with a network drawn from a seed.
struct CertifiedNetwork {
  /// How large images, signals and layers are.
  enum Size: Sendable, CaseIterable {
    case small, medium, large

    /// The most elements of a vector.
    var vector: Int {
      switch self {
      case .small: 6
      case .medium: 64
      case .large: 512
      }
    }

    /// The least extent of an image, and half of the least length of a signal.
    var extent: Int {
      switch self {
      case .small: 5
      case .medium: 14
      case .large: 28
      }
    }

    /// The most filters of a convolution.
    var filters: Int {
      switch self {
      case .small: 4
      case .medium: 24
      case .large: 64
      }
    }

    /// The test data: those of the largest networks take longest.
    var points: Int {
      switch self {
      case .small, .medium: 12
      case .large: 4
      }
    }
  }

  let spec: String
  private var draw: DrawnChoice

  init(seed: UInt64, size: Size) {
    var network = CertifiedNetwork(seed)
    let (layers, input): ([String], [Int])
    switch network.draw.next(0...10) {
    case 0, 1:
      input = [network.draw.next(1...size.vector)]
      layers = network.vectorLayers(size.vector)
    case 2 where size != .small:
      input = [network.draw.next(1...4), 2 * size.extent + network.draw.next(0...4)]
      layers = network.signalLayers(input[0], width: size.filters)
    case 3 where size == .large:
      input = [3, 32, 32]
      layers = network.wideResidualLayers()
    case 8:
      input = [network.draw.next(1...size.vector)]
      layers = network.groupLayers(size.vector)
    case 9, 10:
      input = [network.draw.next(1...3), size.extent + network.draw.next(0...2), size.extent]
      layers = network.frontLayers(width: size.filters, side: size.vector)
    default:
      input = [network.draw.next(1...3), size.extent + network.draw.next(0...2), size.extent]
      layers = network.imageLayers(input, width: size.filters)
    }
    spec = """
      lmt: 1
      name: drawn
      data: {format: synthetic, samples: 24, test_samples: \(size.points), noise: 0.2, classes: 3}
      network:
        input: \(input)
        layers: [\(layers.joined(separator: ", "))]
      train:
        loss: {lmt: {c: 0.05}}
        epochs: 1
        batch: 12
      certify:
        radii: [0.1]

      """
    draw = network.draw
  }

  private init(_ seed: UInt64) {
    (spec, draw) = ("", DrawnChoice(seed: seed &+ 0x5eed))
  }

  private mutating func activation() -> String {
    draw.pick([
      "relu", "relu", "leaky_relu: 0.2", "elu", "selu", "softplus", "sigmoid", "tanh", "gelu",
      "silu",
      "mish", "hard_tanh", "hard_sigmoid", "abs", "abs: 0.4", "prelu", "identity", "dropout: 0.3",
    ])
  }

  private mutating func vectorLayers(_ width: Int) -> [String] {
    var layers: [String] = []
    for _ in 0..<draw.next(1...4) {
      switch draw.next(0...6) {
      case 0: layers.append("residual: {branch: [\(activation())]}")
      case 1: layers += ["dense: \(2 * draw.next(1...width))", "max_min"]
      case 2:
        layers.append(
          "parallel: {branches: [[dense: \(draw.next(1...width)), \(activation())], [\(activation())]], merge: concat}"
        )
      case 3:
        layers.append(draw.pick(["layer_norm: {epsilon: 0.5}", "softmax", "center", "shift: 3"]))
      default: layers += ["dense: \(draw.next(1...width))", activation()]
      }
    }
    return layers + ["dense: 3"]
  }

  /// A function without a negative slope.
  private mutating func monotone() -> String {
    draw.pick(["relu", "relu", "leaky_relu: 0.2", "softplus", "sigmoid", "tanh", "hard_tanh"])
  }

  /// Dense layers with functions of groups of their units, alone and in branches.
  private mutating func groupLayers(_ width: Int) -> [String] {
    var layers: [String] = []
    for _ in 0..<draw.next(1...4) {
      let (groups, size) = (draw.next(1...max(1, width / 3)), draw.next(2...4))
      let units = "dense: \(groups * size)"
      switch draw.next(0...6) {
      case 0: layers += [units, "group_sort: \(size)"]
      case 1: layers += [units, "maxout: \(size)"]
      case 2: layers.append("\(draw.pick(["cpl", "sll"])): \(draw.next(1...width))")
      case 3:
        layers += ["dense: \(4 * groups)", "reshape: [\(groups), 2, 2]"]
        layers += ["max_pool: {kernel: [1, 2], stride: [1, 2]}", "flatten"]
      case 4: layers += [units, "residual: {branch: [group_sort: \(size), \(units)]}"]
      case 5:
        layers += [units, "residual: {branch: [\(units), \(monotone())], shortcut: [\(units)]}"]
      default: layers += ["dense: \(2 * groups)", "max_min", "dense: \(2 * groups)", monotone()]
      }
    }
    return layers + ["dense: 3"]
  }

  /// Convolutions and monotone functions, then dense layers: what multipliers of channels apply to.
  private mutating func frontLayers(width: Int, side: Int) -> [String] {
    var layers: [String] = []
    for _ in 0..<draw.next(1...3) {
      layers += [
        "conv2d: {filters: \(draw.next(1...width)), kernel: \(draw.next(1...3)), stride: \(draw.next(1...2)), padding: \(draw.next(0...1))}",
        monotone(),
      ]
    }
    if draw.next(0...3) == 0 { layers.append("avg_pool: 2") }
    layers.append("flatten")
    for _ in 0..<draw.next(1...2) {
      let pair = ["dense: \(2 * draw.next(1...side))", "max_min"]
      layers += draw.next(0...2) == 0 ? pair : ["dense: \(draw.next(1...side))", monotone()]
    }
    return layers + ["dense: 3"]
  }

  private mutating func signalLayers(_ channels: Int, width: Int) -> [String] {
    var (layers, channels): ([String], Int) = ([], channels)
    for _ in 0..<draw.next(2...5) {
      switch draw.next(0...4) {
      case 0...1:
        channels = 2 * draw.next(1...width / 2)
        layers += [
          "conv1d: {filters: \(channels), kernel: \(draw.next(1...5)), stride: \(draw.next(1...2)), padding: \(draw.next(0...2))}",
          activation(),
        ]
      case 2:
        layers.append(
          "residual: {branch: [conv1d: {filters: \(channels), kernel: 3, padding: same}, \(activation()), "
            + "conv1d: {filters: \(channels), kernel: 3, padding: same}]}")
      case 3:
        layers += [
          "conv1d: {filters: \(channels), kernel: 3, padding: same}", "batch_norm", activation(),
        ]
      default: layers.append(activation())
      }
    }
    return layers + ["flatten"] + (draw.next(0...1) == 0 ? ["softmax"] : []) + ["dense: 3"]
  }

  /// A network of wide residual blocks as in the literature, of four, ten or sixteen layers.
  private mutating func wideResidualLayers() -> [String] {
    let (width, blocks) = (draw.next(1...2), draw.next(0...2))
    func conv(_ filters: Int, _ stride: Int = 1) -> String {
      "conv2d: {filters: \(filters), kernel: 3, stride: \(stride), padding: 1, bias: false}"
    }
    var layers = [conv(16)]
    for stage in 0..<(blocks == 0 ? 1 : 3) {
      let (filters, stride) = (16 * width << stage, stage == 0 ? 1 : 2)
      let branch = "batch_norm, relu, \(conv(filters, stride)), batch_norm, relu, \(conv(filters))"
      let shortcut = "conv2d: {filters: \(filters), kernel: 1, stride: \(stride), bias: false}"
      layers.append("residual: {branch: [\(branch)], shortcut: [\(shortcut)]}")
      for _ in 0..<max(0, blocks - 1) {
        layers.append(
          "residual: {branch: [batch_norm, relu, \(conv(filters)), batch_norm, relu, \(conv(filters))]}"
        )
      }
    }
    return layers + ["batch_norm", "relu", "global_avg_pool", "dense: 3"]
  }

  private mutating func imageLayers(_ input: [Int], width: Int) -> [String] {
    var (layers, channels, extent): ([String], Int, Int) = ([], input[0], min(input[1], input[2]))
    for _ in 0..<draw.next(2...5) {
      switch draw.next(0...12) {
      case 12 where channels >= 4:
        layers.append(
          "shift: {distance: \(draw.next(1...3)), channels: \(draw.next(1...channels / 4))}")
      case 0...2:
        let (filters, stride) = (2 * draw.next(1...width / 2), extent > 6 ? draw.next(1...2) : 1)
        layers += [
          "conv2d: {filters: \(filters), kernel: \(draw.next(1...3)), stride: \(stride), padding: \(draw.next(0...1))}",
          activation(),
        ]
        (channels, extent) = (filters, extent / stride - 1)
      case 3:
        layers += [
          "conv2d: {filters: \(channels), kernel: 3, padding: same}", "batch_norm", activation(),
        ]
      case 4:
        layers.append(
          "residual: {branch: [conv2d: {filters: \(channels), kernel: 3, padding: same}, \(activation()), "
            + "conv2d: {filters: \(channels), kernel: 3, padding: same}]}")
      case 5:
        layers.append(draw.pick(["crop: 1", "zero_pad: 1", "upsample: 2", "zero_pad: [0, 2]"]))
      case 6:
        layers.append(
          draw.pick(["avg_pool", "max_pool", "lp_pool"])
            + ": {kernel: 2, stride: \(draw.next(1...2))}")
        extent /= 2
      case 7:
        layers.append(
          draw.pick(["center", "center: channels", "center: positions", "scale: -1.5"]))
      case 8:
        layers.append(
          "depthwise: {kernel: 3, padding: 1, multiplier: 2}")
        channels *= 2
      case 9:
        layers.append("conv_transpose: {filters: \(channels), kernel: 3, stride: 2, padding: 1}")
      case 10:
        let side = 2 * draw.next(1...2)
        layers.append(
          "parallel: {branches: [[conv2d: {filters: \(side), kernel: 3, padding: same}, \(activation())], "
            + "[\(activation())]], merge: concat}")
        channels += side
      default:
        layers.append(
          draw.pick([
            "max_min", "instance_norm: {epsilon: 1}", "group_norm: {groups: 1, epsilon: 1}",
          ]))
      }
    }
    layers.append(draw.pick(["flatten", "flatten", "global_avg_pool"]))
    if draw.next(0...2) == 0 { layers += ["dense: \(4 * width)", activation()] }
    return layers + ["dense: 3"]
  }
}
