import Enclosure

/// What `cpl` and `sll` share: x − 2·Mᵀ·max(M x + b, 0).
protocol ConvexPotentialLayer: CheckedLayer {
  var block: ConvexPotential { get }
}

extension ConvexPotentialLayer {
  static var keys: [LayerKey] {
    [
      LayerKey("units", .integer(1...1 << 24)),
      LayerKey("kernel", .integers(LayerKey.extents, counts: [2])), LayerKey("bound", .text),
    ]
  }

  var shape: [Int] { block.shape }
  var form: LayerForm { .gradientStep(block.map) }

  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage {
    block.image(of: inputs[0], constant: constant)
  }
}

/// The two products.
struct ConvexPotential {
  let shape: [Int]
  /// M.
  let map: LinearMap
  /// M x + b.
  private let product: LinearEvaluation
  /// −2·Mᵀ.
  private let step: LinearEvaluation

  /// A matrix, or with `kernel` the convolution of an image.
  init(_ layer: LayerDescription) throws(Refusal) {
    let units = try layer.keys("units").integer
    let bias = try layer.parameter("bias", [units]).map(Double.init)
    var product: LinearMap
    if try layer.keys.optional("kernel") == nil {
      guard layer.input.count == 1 else {
        throw layer.malformed("must have a vector as input, found \(layer.input)")
      }
      let count = layer.input[0]
      let weight = try layer.parameter("weight", [units, count]).map(Double.init)
      map = LinearMap(full: weight, inputs: count)
      step = LinearEvaluation(LinearMap(full: weight.map { -2 * $0 }, inputs: count).fullTransposed)
      product = map
      product.offset = bias
    } else {
      let window = try Window(aroundPixelsOf: layer)
      let weight = try layer.parameter("weight", [units, layer.input[0]] + window.kernel)
        .map(Double.init)
      func map(_ weight: [Double], terms: Int) throws(Refusal) -> LinearMap {
        try layer.map(
          window.stencil(filters: units, groups: 1, weight), terms: terms * window.taps)
      }
      self.map = try map(weight, terms: layer.input[0])
      guard let step = try map(weight.map { -2 * $0 }, terms: units).transposed else {
        throw layer.malformed("has too many coefficients")
      }
      self.step = LinearEvaluation(step)
      product = self.map
      product.offset = bias.flatMap { Array(repeating: $0, count: window.outputCount) }
    }
    self.product = LinearEvaluation(product)
    shape = layer.input
  }

  /// The errors of the parts reach the output by ‖M‖ ≤ √((K + 1)/2), which follows from K ≥ 2‖M‖² − 1.
  func image(of x: BatchValue, constant: UpperBound) -> BatchImage {
    let norm = ((constant + .one) * UpperBound(proven: 0.5)).squareRoot()
    let twice = norm + norm
    let product = product.apply(x, norm: norm)
    let (active, carried) = rectified(product, of: x, norm)
    let step = step.apply(active, norm: twice)
    let inner = twice.value * (carried + product.jointError).roundedUp
    let image = sum(x, step, rest: (step.jointError + inner).roundedUp)
    image.jointWidth = (twice.value * product.width.norm).roundedUp
    return image
  }

  /// max(M x + b, 0), and the norm of the errors that elements have of their own.
  ///
  /// No element changes by more than its range is wide.
  private func rectified(
    _ product: BatchImage, of x: BatchValue, _ norm: UpperBound
  ) -> (BatchValue, LaneVector) {
    let count = product.count
    let (middle, low, high) = (
      Lanes(unfilled: count), Lanes(unfilled: count), Lanes(unfilled: count)
    )
    let errors = Lanes(unfilled: count)
    for i in 0..<count {
      let error = product.error.vectors[i]
      let most = error + product.jointError
      middle.vectors[i] = .largest(product.middle.vectors[i], .zero)
      low.vectors[i] = .largest((product.low.vectors[i] - most).roundedDown, .zero)
      high.vectors[i] = .largest((product.high.vectors[i] + most).roundedUp, .zero)
      errors.vectors[i] = .least((high.vectors[i] - low.vectors[i]).roundedUp, error)
    }
    let (moved, carried) = ((norm.value * x.distance).roundedUp + product.width.norm, errors.norm)
    let value = BatchValue(
      middle: middle, low: low, high: high,
      distance: (moved + carried + product.jointError).roundedUp, isNonnegative: true,
      format: x.format)
    return (value, carried)
  }

  /// x and the step added.
  ///
  /// - Parameter rest: bounds the norm of the step's errors but for those of its elements.
  private func sum(_ x: BatchValue, _ step: BatchImage, rest: LaneVector) -> BatchImage {
    let image = BatchImage(count: x.count)
    for i in 0..<x.count {
      let middle = x.middle.vectors[i] + step.middle.vectors[i]
      let low = (x.low.vectors[i] + step.low.vectors[i]).roundedDown
      let high = (x.high.vectors[i] + step.high.vectors[i]).roundedUp
      let (error, size) = (step.error.vectors[i], LaneVector.largest(high, -low))
      image.middle.vectors[i] = middle
      image.width.vectors[i] = (step.width.vectors[i] + middle.magnitude * 0x1p-52).roundedUp
      (image.low.vectors[i], image.high.vectors[i]) = (low, high)
      image.error.vectors[i] = .withUnderflow(
        2 * Rounded.underflow + error + x.format.unit * (size + error + rest), size)
    }
    image.jointError = rest
    image.isNonnegative = false
    return image
  }
}
