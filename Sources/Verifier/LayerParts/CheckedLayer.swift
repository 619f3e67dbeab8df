import Enclosure

/// One kind of layer as the checker rebuilds it, apart from the rest of the project.
///
/// A conforming file holds the kind's keys, its parameters and shape, what its Lipschitz constant follows
/// from, and its evaluation in intervals with the rounding of float32.
protocol CheckedLayer: Sendable {
  /// The kind as specs write it.
  static var kind: String { get }
  /// The keys beside `name` and `from`.
  static var keys: [LayerKey] { get }
  static var takesSeveralInputs: Bool { get }

  /// Rebuilds a layer whose keys have been checked.
  init(_ layer: LayerDescription) throws(Refusal)

  /// The shape of one sample's output.
  var shape: [Int] { get }
  var form: LayerForm { get }
  /// Whether errors of the input's elements are bounded element by element in the output; only where each element of
  /// the output is a function of the input's element in the same place.
  var carriesErrors: Bool { get }
  /// What the layer, exact and executed, makes of its inputs.
  ///
  /// - Parameters:
  ///   - constant: a Lipschitz constant of the layer, or for what has several inputs any number.
  ///   - splitsErrors: whether a part of the layer's own error may be bounded in norm alone.
  func image(
    of inputs: [BatchValue], constant: UpperBound, splitsErrors: Bool
  ) -> BatchImage
}

/// What the bounds use of a layer's function.
enum LayerForm: Sendable {
  /// A x + b; the norm of A has to be shown unless it is known.
  case linear(LinearMap, norm: UpperBound? = nil)
  /// The same elements in the same order.
  case identity
  /// One function of every element, with difference quotients in a range.
  case elementwise(slopes: ClosedRange<Double>)
  /// Any other function of one input, with a Lipschitz constant.
  case nonlinear(UpperBound)
  /// Any other function of one input, whose constant is the norm of a map.
  case nonlinearNorm(LinearMap)
  /// x − 2·Mᵀσ(M x + b) with difference quotients of σ in [0, 1]: its constant is max(1, 2‖M‖² − 1).
  case gradientStep(LinearMap)
  /// Maxima and minima of disjoint groups of elements: constant 1.
  case comparisons(Comparisons)
  /// The sum of the inputs.
  case sum
  /// The inputs side by side: where each input's elements go.
  case concatenation(places: [[Int32]])

  /// The matrix of a linear layer that does more than copy.
  var matrix: LinearMap? { if case .linear(let map, _) = self { map } else { nil } }
}

extension CheckedLayer {
  static var keys: [LayerKey] { [] }
  static var takesSeveralInputs: Bool { false }

  /// The number of elements of the output.
  var count: Int { shape.reduce(1, *) }
  var carriesErrors: Bool { false }
}
