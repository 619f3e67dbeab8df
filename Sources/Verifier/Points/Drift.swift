import Enclosure

/// The difference of an executed from an exact value at the same input: e + d with |e| ≤ local element by
/// element and ‖d‖ ≤ rest.
struct Drift: Sendable {
  let local: [Double]
  let rest: UpperBound

  /// Bounds the difference's ℓ2 norm.
  var norm: UpperBound { AccumulatedError.euclideanNorm(local).upper + rest }

  /// Bounds |⟨w, e + d⟩| by Σ |w||e| + ‖w‖‖d‖.
  func image(_ row: [Double]) -> UpperBound {
    var sum = 0.0
    for (w, e) in zip(row, local) { sum += abs(w) * e }
    let rounding = UpperBound.one + AccumulatedError.gamma(row.count + 2)
    return UpperBound(proven: sum) * rounding + UpperBound(proven: 0x1p-900)
      + AccumulatedError.euclideanNorm(row).upper * rest
  }
}

extension Network.Layer {
  /// The difference at the layer's output.
  ///
  /// Elementwise layers keep the parts apart, and an element whose range is a point is handed nothing;
  /// of any other layer the constant is used.
  func drift(_ inputs: [Drift], _ image: LayerImage, constant: UpperBound) -> Drift {
    let own = image.errors
    switch function {
    case .addition:
      let local = own.indices.map { i in inputs.reduce(own[i]) { ($0 + $1.local[i]).nextUp } }
      return Drift(local: local, rest: inputs.reduce(.zero) { $0 + $1.rest })
    case .concatenation:
      let squares = inputs.reduce(UpperBound.zero) { $0 + $1.norm * $1.norm }
      return Drift(local: own, rest: squares.squareRoot())
    case .linear, .centering, .copy, .pointwise, .maxima, .sorted, .grouped:
      guard isElementwise else { return Drift(local: own, rest: constant * inputs[0].norm) }
      let local = own.indices.map { i in
        let passed = DirectedRounding.multiplyUp(constant.value, inputs[0].local[i])
        let width = (image.most[i] - image.least[i]).nextUp
        return (min(passed, width) + own[i]).nextUp
      }
      return Drift(local: local, rest: constant * inputs[0].rest)
    }
  }

  /// Whether each element is a function of the input's element in the same place.
  private var isElementwise: Bool {
    switch function {
    case .copy, .pointwise: true
    case .linear(let map): map.isDiagonal
    case .centering, .maxima, .sorted, .grouped, .addition, .concatenation: false
    }
  }
}
