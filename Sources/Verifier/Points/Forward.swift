import Enclosure

/// Bounds of a network's logits at a sample and of the rounding errors of the executed ones around it.
struct Forward: Sendable {
  /// What is known of the logits.
  struct Logits {
    let low: [Double]
    let high: [Double]
    /// Errors of the last layer, by logit.
    fileprivate let own: [Double]
    fileprivate let inherited: Inherited

    /// What the last layer's exact function makes of errors before it.
    fileprivate enum Inherited {
      /// A difference of its results.
      case norm(UpperBound)
      /// It is linear: its rows and the difference of its operands.
      case rows([[Double]], Drift)
    }

    /// Bounds |executed − exact| of F_i − F_j: ‖e_i − e_j‖ = √2.
    func error(_ i: Int, _ j: Int) -> UpperBound {
      let sum = UpperBound(proven: own[i]) + UpperBound(proven: own[j])
      switch inherited {
      case .norm(let norm): return sum + UpperBound(proven: 2).squareRoot() * norm
      case .rows(let rows, let drift):
        return sum + drift.image(zip(rows[i], rows[j]).map { abs($0 - $1).nextUp })
      }
    }
  }

  private let network: Network
  private let constants: [UpperBound]
  private let bounds: [UpperBound]
  private let linear: [Int: LinearImage]
  /// The last layer that does more than copy.
  private let last: Int
  /// Its rows where it is linear.
  private let rows: [[Double]]?

  /// Prepares a network whose bounds have been derived.
  init(_ network: Network, _ check: BoundCheck) {
    self.network = network
    (constants, bounds) = (check.constants, check.bounds)
    var linear: [Int: LinearImage] = [:]
    for (index, layer) in network.layers.enumerated() {
      if case .linear(let map) = layer.function { linear[index] = LinearImage(map) }
    }
    self.linear = linear
    var last = network.layers.count - 1
    while case .copy = network.layers[last].function, network.layers[last].operands[0] > 0 {
      last = network.layers[last].operands[0] - 1
    }
    self.last = last
    if case .linear(let map) = network.layers[last].function, map.slack == 0 {
      rows = map.writtenRows
    } else {
      rows = nil
    }
  }

  /// The logits of a sample and of the ball around it; nil where they could overflow.
  func logits(_ sample: ArraySlice<Float>, radius: UpperBound) -> Logits? {
    var values = [Ball(sample: sample, radius: radius)]
    for (index, layer) in network.layers.enumerated() {
      let operands = layer.operands.map { values[$0] }
      let image = image(index, layer, operands)
      let drift = layer.drift(operands.map(\.drift), image, constant: constants[index])
      guard image.errors.allSatisfy(\.isFinite) else { return nil }
      if index == last {
        let isKnown = drift.norm.isFinite && (image.low + image.high).allSatisfy(\.isFinite)
        return isKnown ? logits(image, drift, operands[0].drift) : nil
      }
      let ball = Ball(image, drift: drift, distance: bounds[index + 1] * radius)
      guard ball.isFinite else { return nil }
      values.append(ball)
    }
    return nil
  }

  private func logits(_ image: LayerImage, _ drift: Drift, _ before: Drift) -> Logits {
    let own = rows == nil ? drift.local : image.errors
    let inherited = rows.map { Logits.Inherited.rows($0, before) } ?? .norm(drift.rest)
    return Logits(low: image.low, high: image.high, own: own, inherited: inherited)
  }

  private func image(_ index: Int, _ layer: Network.Layer, _ inputs: [Ball]) -> LayerImage {
    if let linear = linear[index] { return linear.apply(inputs[0]) }
    var image = LayerImage(count: layer.count)
    switch layer.function {
    case .linear: preconditionFailure("linear layers are prepared")
    case .centering(_, let function), .grouped(let function, _):
      let values = function(Values(inputs[0]))
      for i in 0..<layer.count { image.set(i, sample: values.sample[i], ball: values.ball[i]) }
    case .copy:
      for i in 0..<layer.count { image.set(i, inputs[0].element(i)) { $0 } }
    case .pointwise(let function):
      for i in 0..<layer.count { image.set(i, inputs[0].element(i)) { function($0, at: i) } }
    case .maxima(let places, _):
      for (i, group) in places.enumerated() {
        image.set(i, largest(group, inputs[0]))
      }
    case .sorted(let groups):
      for group in groups {
        for (i, element) in sorted(group, inputs[0]).enumerated() {
          image.set(Int(group[i]), element)
        }
      }
    case .concatenation(let places):
      for (input, places) in zip(inputs, places) {
        for (i, place) in places.enumerated() { image.set(Int(place), input.element(i)) { $0 } }
      }
    case .addition:
      for i in 0..<layer.count {
        var (sample, ball) = inputs[0].element(i)
        for input in inputs.dropFirst() {
          let other = input.element(i)
          (sample, ball) = (sample + other.sample, ball + other.ball)
        }
        image.set(i, sample: sample, ball: ball)
      }
    }
    return image
  }

  /// The largest of some elements: exact, and with errors no larger than the largest of theirs.
  private func largest(_ group: [Int32], _ input: Ball) -> (sample: Rounded, ball: Rounded) {
    sorted(group, input)[0]
  }

  /// The k-th largest element rises with each element, so its ends are the k-th largest ends; it moves by
  /// no more than the largest error.
  private func sorted(_ group: [Int32], _ input: Ball) -> [(sample: Rounded, ball: Rounded)] {
    let elements = group.map { input.element(Int($0)) }
    func ordered(_ values: [Rounded]) -> [Rounded] {
      let (lows, highs) = (values.map(\.low).sorted(by: >), values.map(\.high).sorted(by: >))
      let error = values.reduce(0) { max($0, $1.error) }
      return zip(lows, highs).map { Rounded(low: $0, high: $1, error: error) }
    }
    let (samples, balls) = (ordered(elements.map(\.sample)), ordered(elements.map(\.ball)))
    return Array(zip(samples, balls)).map { (sample: $0, ball: $1) }
  }
}

extension LayerImage {
  /// The image of one element.
  fileprivate mutating func set(
    _ index: Int, _ element: (sample: Rounded, ball: Rounded), _ function: (Rounded) -> Rounded
  ) {
    set(index, sample: function(element.sample), ball: function(element.ball))
  }

  fileprivate mutating func set(_ index: Int, _ element: (sample: Rounded, ball: Rounded)) {
    set(index, sample: element.sample, ball: element.ball)
  }
}
