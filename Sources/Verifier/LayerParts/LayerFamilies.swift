import Enclosure

/// A layer that is linear up to an offset.
protocol LinearLayer: CheckedLayer {
  var evaluation: LinearEvaluation { get }
}

extension LinearLayer {
  var form: LayerForm { .linear(evaluation.map) }
  var carriesErrors: Bool { evaluation.isDiagonal }

  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage {
    evaluation.apply(inputs[0], norm: splitsErrors ? constant : nil)
  }
}

/// One function of every element, or one for each channel.
protocol ElementwiseLayer: CheckedLayer {
  /// Contains every difference quotient.
  var slopes: ClosedRange<Double> { get }
  /// What execution makes of the element at a place.
  func value(_ x: Rounded, at index: Int) -> Rounded
}

extension ElementwiseLayer {
  var form: LayerForm { .elementwise(slopes: slopes) }
  var carriesErrors: Bool { true }

  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage {
    let (x, image) = (inputs[0], BatchImage(count: count))
    for i in 0..<count {
      for place in i * Lanes.width..<(i + 1) * Lanes.width {
        image.set(
          place, sample: value(x.sample(place), at: i), ball: value(x.element(place), at: i))
      }
    }
    return image
  }
}

/// A layer that leaves the elements and their order as they are.
protocol IdentityLayer: ElementwiseLayer {}

extension IdentityLayer {
  var form: LayerForm { .identity }
  var slopes: ClosedRange<Double> { 1...1 }
  func value(_ x: Rounded, at index: Int) -> Rounded { x }
}

/// An activation: the same function of every element.
protocol ActivationLayer: ElementwiseLayer {
  /// What execution makes of an element.
  func value(_ x: Rounded) -> Rounded
}

extension ActivationLayer {
  func value(_ x: Rounded, at index: Int) -> Rounded { value(x) }
}

/// An activation without keys.
protocol FixedActivationLayer: ActivationLayer {
  init(shape: [Int])
}

extension FixedActivationLayer {
  init(_ layer: LayerDescription) throws(Refusal) { self.init(shape: layer.input) }
}

/// A function of groups of elements, built of sums, products, quotients and roots.
protocol GroupLayer: CheckedLayer {
  /// What execution makes of the input, step by step.
  func values(_ x: GroupValues) -> GroupValues
}

extension GroupLayer {
  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage {
    let image = BatchImage(count: count)
    for lane in 0..<Lanes.width {
      let values = values(GroupValues(Ball(inputs[0], lane: lane)))
      for i in 0..<count {
        image.set(i * Lanes.width + lane, sample: values.sample[i], ball: values.ball[i])
      }
    }
    return image
  }
}

/// The largest element of each group.
protocol MaximumLayer: CheckedLayer {
  var groups: [[Int32]] { get }
}

extension MaximumLayer {
  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage {
    let image = BatchImage(count: count)
    for (i, group) in groups.enumerated() { image.set([i], largestOf: group, of: inputs[0]) }
    return image
  }
}

/// The elements of each group from the largest to the least: a rearrangement for every input, and so with
/// the constant 1.
protocol SortingLayer: CheckedLayer {
  var groups: [[Int32]] { get }
}

extension SortingLayer {
  var form: LayerForm {
    groups.allSatisfy { $0.count == 2 }
      ? .comparisons(Comparisons(sorting: groups, count: count)) : .nonlinear(.one)
  }

  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage {
    let image = BatchImage(count: count)
    for group in groups { image.set(group.map(Int.init), largestOf: group, of: inputs[0]) }
    return image
  }
}
