import Enclosure

/// Bounds a network's logits at samples and the rounding errors of the executed ones in balls around them,
/// for sixteen samples at once.
struct LogitEnclosure: Sendable {
  /// What is known of the logits of one sample.
  struct Logits {
    let low: [Double]
    let high: [Double]
    /// Errors of the last layer, by logit.
    fileprivate let own: [Double]
    /// The errors that the last layer's rows multiply; empty if it carries none.
    fileprivate let carried: [Double]
    /// The norms of the errors that reach the logits by a constant.
    fileprivate let launched: [UpperBound]
    /// The norm of what the last layer adds to its errors by logit.
    fileprivate let joint: UpperBound
  }

  private let network: Network
  private let format: FloatFormat
  private let bounds: [UpperBound]
  private let constants: [UpperBound]
  private let paths: ErrorPaths
  /// The last layer's rows where it is linear.
  private let rows: [[Double]]?
  private let rowNorms: [Double]

  /// Evaluates a network whose bounds have been derived.
  init(_ network: Network, _ check: BoundCheck, _ format: FloatFormat) {
    (self.network, self.format) = (network, format)
    (bounds, constants) = (check.bounds.map(\.proved), check.constants.map(\.proved))
    var last = network.nodes.count
    while case .identity = network.nodes[last - 1].form, network.nodes[last - 1].operands[0] > 0 {
      last = network.nodes[last - 1].operands[0]
    }
    if case .linear(let map, norm: nil) = network.nodes[last - 1].form,
      map.coefficientError == 0, !network.nodes[last - 1].isCarrying
    {
      (rows, rowNorms) = (map.denseRows, map.rowNorms.all)
    } else {
      (rows, rowNorms) = (nil, [])
    }
    paths = ErrorPaths(network, check, isHeadLinear: rows != nil)
  }

  /// Bounds |executed − exact| of F_i − F_j over the ball.
  func error(_ logits: Logits, _ i: Int, _ j: Int) -> UpperBound {
    var total = UpperBound(proven: logits.own[i]) + UpperBound(proven: logits.own[j])
    if let rows, !logits.carried.isEmpty {
      var sum = 0.0
      for k in logits.carried.indices {
        sum += (rows[i][k] - rows[j][k]).magnitude * logits.carried[k]
      }
      let rounding = UpperBound.one + AccumulatedError.gamma(logits.carried.count + 3)
      total = total + UpperBound(proven: sum) * rounding + UpperBound(proven: 0x1p-900)
    }
    total = total + UpperBound(proven: 2).squareRoot() * logits.joint
    let pair = i * logits.low.count + j
    for (launch, norm) in zip(paths.launches, logits.launched) {
      total = total + launch.constants[pair] * norm
    }
    return total
  }

  /// What is known of a layer's output.
  private struct State {
    let value: BatchValue
    /// Bounds, by elements, the errors of the layer and of those that it carries on.
    let errors: Lanes
    /// Bounds what has become of all other errors.
    let rest: LaneVector
    /// Bounds the difference of the executed from the exact value at the same input.
    let total: LaneVector
    /// Bounds the distance of the middle from the exact value at the sample.
    let offset: LaneVector
  }

  /// The logits of sixteen samples and of balls around them; nil for those that could overflow.
  ///
  /// - Parameter isConfirmed: gets whether plain sums agree with the products of the first sample.
  func logits(
    _ samples: [ArraySlice<Float>], radii: [Double], isConfirmed: ((Bool) -> Void)? = nil
  ) -> [Logits?] {
    let radius = LaneVector((0..<Lanes.width).map { radii[min($0, radii.count - 1)] })
    var states: [State?] = [input(samples, radius)]
    var launched: [Int: LaneVector] = [:]
    for (index, node) in network.nodes.enumerated() {
      let position = index + 1
      guard paths.values[position] == position else {
        states.append(nil)
        continue
      }
      let places = node.operands.map { paths.values[$0] }
      let operands = places.compactMap { states[$0] }
      let image = node.layer.image(
        of: operands.map(\.value), constant: constants[index],
        splitsErrors: position != paths.output)
      if let isConfirmed, let linear = node.layer as? any LinearLayer {
        isConfirmed(linear.evaluation.confirms(image, of: operands[0].value, lane: 0))
      }
      let isCarried = places.map { paths.carries($0, to: position) }
      if position == paths.output {
        return logits(image, node, operands, isCarried, launched)
      }
      let state = state(position, image, operands, isCarried, radius)
      let own = paths.isCarried(position) ? .zero : state.errors.norm
      launched[position] = (own + image.jointError).roundedUp
      states.append(state)
      for place in paths.finished(after: position) { states[place] = nil }
    }
    return []
  }

  private func input(_ samples: [ArraySlice<Float>], _ radius: LaneVector) -> State {
    let count = samples[0].count
    let (middle, low, high) = (
      Lanes(unfilled: count), Lanes(unfilled: count), Lanes(unfilled: count)
    )
    for lane in 0..<Lanes.width {
      let sample = samples[min(lane, samples.count - 1)]
      for (i, number) in sample.enumerated() { middle[i, lane] = Double(number) }
    }
    for i in 0..<count {
      low.vectors[i] = (middle.vectors[i] - radius).roundedDown
      high.vectors[i] = (middle.vectors[i] + radius).roundedUp
    }
    let none = Lanes(count, repeating: 0)
    return State(
      value: BatchValue(
        middle: middle, low: low, high: high, distance: radius, isNonnegative: false,
        format: format),
      errors: none, rest: .zero, total: .zero, offset: .zero)
  }

  /// What a layer's exact function makes of distances of its operands.
  private func propagated(_ distances: [LaneVector], by position: Int) -> LaneVector {
    switch network.nodes[position - 1].form {
    case .sum: return distances.reduce(.zero, +).roundedUp
    case .concatenation:
      return distances.reduce(.zero) { $0 + $1 * $1 }.rootsOfSquares()
    case .linear, .identity, .elementwise, .comparisons, .nonlinear, .nonlinearNorm, .gradientStep:
      return Self.product(constants[position - 1], distances[0])
    }
  }

  /// Nothing comes of a distance of 0, whatever the constant.
  private static func product(_ constant: UpperBound, _ distance: LaneVector) -> LaneVector {
    (constant.value * distance).roundedUp.replacing(with: 0, where: distance .== 0)
  }

  private func state(
    _ position: Int, _ image: BatchImage, _ operands: [State], _ isCarried: [Bool],
    _ radius: LaneVector
  ) -> State {
    let errors = errors(position, image, operands, isCarried)
    let propagated = propagated(
      zip(operands, isCarried).map { $1 ? $0.rest : $0.total }, by: position)
    let rest = (propagated + image.jointError).roundedUp
    let total = (rest + errors.norm).roundedUp
    let offset =
      self.propagated(operands.map(\.offset), by: position) + image.width.norm
      + image.jointWidth
    let reach = (Self.product(bounds[position], radius) + total + offset).roundedUp
    return State(
      value: value(image, within: reach), errors: errors, rest: rest, total: total,
      offset: offset.roundedUp)
  }

  /// A layer's own errors and those of operands that it carries on.
  ///
  /// No element changes by more than its range is wide: by nothing, where it is 0 for a rectifier.
  private func errors(
    _ position: Int, _ image: BatchImage, _ operands: [State], _ isCarried: [Bool]
  ) -> Lanes {
    let node = network.nodes[position - 1]
    let carried = zip(operands, isCarried).filter(\.1).map(\.0.errors)
    guard node.isCarrying, !carried.isEmpty else { return image.error }
    let result = Lanes(unfilled: image.count)
    let isSum = if case .sum = node.form { true } else { false }
    let constant = constants[position - 1].value
    for i in 0..<image.count {
      var inherited = LaneVector()
      if isSum {
        for errors in carried { inherited += errors.vectors[i] }
      } else {
        let width = (image.high.vectors[i] - image.low.vectors[i]).roundedUp
        inherited = .least(width, constant * carried[0].vectors[i])
      }
      result.vectors[i] = (image.error.vectors[i] + inherited).roundedUp
    }
    return result
  }

  /// The output as later layers take it: within `reach` of the middle, and in the ranges of the elements.
  private func value(_ image: BatchImage, within reach: LaneVector) -> BatchValue {
    let (low, high) = (Lanes(unfilled: image.count), Lanes(unfilled: image.count))
    var squares = LaneVector()
    for i in 0..<image.count {
      let (middle, error) = (image.middle.vectors[i], image.error.vectors[i] + image.jointError)
      let lowest = LaneVector.largest(image.low.vectors[i] - error, middle - reach).roundedDown
      let from = image.isNonnegative ? LaneVector.largest(lowest, image.floor(i)) : lowest
      let to = LaneVector.least(image.high.vectors[i] + error, middle + reach).roundedUp
      // Elements that do not change, such as those of a rectifier below 0, may give a smaller distance.
      let step = LaneVector.largest(to - middle, middle - from)
      squares += step * step
      (low.vectors[i], high.vectors[i]) = (from, to)
    }
    return BatchValue(
      middle: image.middle, low: low, high: high,
      distance: .least(squares.rootsOfSquares(), reach), isNonnegative: image.isNonnegative,
      format: format)
  }

  private func logits(
    _ image: BatchImage, _ node: Network.Node, _ operands: [State], _ isCarried: [Bool],
    _ launched: [Int: LaneVector]
  ) -> [Logits?] {
    let position = paths.output
    let offset = propagated(operands.map(\.offset), by: position) + image.jointWidth
    let own = errors(position, image, operands, isCarried)
    return (0..<Lanes.width).map { lane in
      var (low, high): ([Double], [Double]) = ([], [])
      for i in 0..<image.count {
        let rest = rows == nil ? offset[lane] : rowNorms[i] * operands[0].offset[lane]
        let width = ((image.width[i, lane] + rest) * (1 + 0x1p-50) + 0x1p-1000).nextUp
        low.append((image.middle[i, lane] - width).nextDown)
        high.append((image.middle[i, lane] + width).nextUp)
      }
      let errors = own.vector(lane)
      guard (low + high + errors).allSatisfy(\.isFinite) else { return nil }
      return Logits(
        low: low, high: high, own: errors,
        carried: rows != nil && isCarried[0] ? operands[0].errors.vector(lane) : [],
        launched: paths.launches.map { launch in
          UpperBound(proven: launched[launch.position]?[lane] ?? .infinity)
        }, joint: UpperBound(proven: image.jointError[lane]))
    }
  }
}
