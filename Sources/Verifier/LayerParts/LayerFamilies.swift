import Enclosure

/// A layer that is linear up to an offset.
protocol LinearLayer: CheckedLayer {
  var evaluation: LinearEvaluation { get }
}

extension LinearLayer {
  var form: LayerForm { .linear(evaluation.map) }
  var isElementwise: Bool { evaluation.isDiagonal }

  func image(of inputs: [Ball]) -> LayerImage { evaluation.apply(inputs[0]) }
}

/// A layer that leaves the elements and their order as they are.
protocol IdentityLayer: CheckedLayer {}

extension IdentityLayer {
  var form: LayerForm { .identity }
  var isElementwise: Bool { true }

  func image(of inputs: [Ball]) -> LayerImage {
    var image = LayerImage(count: count)
    for i in 0..<count { image.set(i, inputs[0].element(i)) { $0 } }
    return image
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
  var isElementwise: Bool { true }

  func image(of inputs: [Ball]) -> LayerImage {
    var image = LayerImage(count: count)
    for i in 0..<count { image.set(i, inputs[0].element(i)) { value($0, at: i) } }
    return image
  }
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
  func image(of inputs: [Ball]) -> LayerImage {
    var image = LayerImage(count: count)
    let values = values(GroupValues(inputs[0]))
    for i in 0..<count { image.set(i, sample: values.sample[i], ball: values.ball[i]) }
    return image
  }
}

/// The largest element of each group.
protocol MaximumLayer: CheckedLayer {
  var groups: [[Int32]] { get }
}

extension MaximumLayer {
  func image(of inputs: [Ball]) -> LayerImage {
    var image = LayerImage(count: count)
    for (i, group) in groups.enumerated() { image.set(i, inputs[0].sorted(group)[0]) { $0 } }
    return image
  }
}

/// The elements of each group from the largest to the least: a rearrangement for every input, and so with
/// the constant 1.
protocol SortingLayer: CheckedLayer {
  var groups: [[Int32]] { get }
}

extension SortingLayer {
  var form: LayerForm { .nonlinear(.one) }

  func image(of inputs: [Ball]) -> LayerImage {
    var image = LayerImage(count: count)
    for group in groups {
      for (i, element) in inputs[0].sorted(group).enumerated() {
        image.set(Int(group[i]), element) { $0 }
      }
    }
    return image
  }
}
