import Enclosure
import ModelIR
import TensorGraph

/// A linear operator with its weights, decomposed into blocks:
/// ‖A‖ = factor · 2^exponent · Π over stages of the largest ‖block‖.
///
/// The groups of a convolution are the blocks of one stage, since they act on disjoint channels. Average
/// pooling is the tensor product of two one-dimensional sums, whose norms are multiplied. Each factor of a
/// diagonal map is a block. Weights are scaled by a power of two so that the largest magnitude lies in
/// [1, 2). Scaling is exact, since magnitudes of float32 numbers span 2²⁷⁷.
struct BlockDecomposition {
  /// Why there are no blocks.
  enum Trivial {
    /// Every weight is 0.
    case zero
    /// A weight is NaN or infinite.
    case notFinite
  }

  /// The blocks of each stage; empty if the operator is trivial.
  private(set) var stages: [[any LinearBlock]] = []
  private(set) var trivial: Trivial?
  private var factor: (lower: LowerBound, upper: UpperBound) = (.one, .one)
  private var exponent = 0

  /// - Parameter weights: the elements of a parameter or statistic by full name, row-major.
  init(_ map: LinearOperator, weights: (String) -> [Float]) {
    switch map.form {
    case .dense(let weight, let inputs, let outputs):
      guard let elements = scale(weights(weight)) else { return }
      stages = [[DenseBlock(rows: outputs, columns: inputs, elements: elements)]]
    case .convolution(let weight, let window, let input, let filters):
      guard let elements = scale(weights(weight)) else { return }
      stages = [Self.groups(window, input, filters, elements)]
    case .transposedConvolution(let weight, let window, let input, let output):
      // An adjoint has the norm of its convolution.
      guard let elements = scale(weights(weight)) else { return }
      stages = [Self.groups(window, output, input[0], elements)]
    case .sumPool(let window, let input, let factor):
      reduce(toFactor: factor)
      stages = (0..<2).map { [Self.sum(along: $0, window, input)] }
    case .diagonal(let factors, _):
      let diagonal = DiagonalFactors(factors, weights: weights)
      factor = (diagonal.smallestRatio, diagonal.largestRatio)
      guard let elements = scale(diagonal.values) else { return }
      stages = [elements.map { DenseBlock(rows: 1, columns: 1, elements: [$0]) }]
    case .copy, .centering:
      guard let norm = map.closedNorm else {
        preconditionFailure("the norm of a copy must be known")
      }
      factor = (norm.lower, norm.upper)
    }
  }

  /// The bound of the operator from those of the stages.
  func upper(_ stages: [UpperBound]) -> UpperBound {
    let (first, second) = powers
    return stages.reduce(factor.upper, *) * UpperBound(proven: first)
      * UpperBound(proven: second)
  }

  /// The bound of the operator from those of the stages.
  func lower(_ stages: [LowerBound]) -> LowerBound {
    let (first, second) = powers
    return stages.reduce(factor.lower, *) * LowerBound(proven: first)
      * LowerBound(proven: second)
  }

  private mutating func reduce(toFactor number: Double) {
    factor = (LowerBound(proven: number.magnitude), UpperBound(proven: number.magnitude))
    if number == 0 { trivial = .zero }
    if !number.isFinite { trivial = .notFinite }
  }

  private var powers: (Double, Double) {
    let half = exponent / 2
    return (
      Double(sign: .plus, exponent: half, significand: 1),
      Double(sign: .plus, exponent: exponent - half, significand: 1)
    )
  }

  private mutating func scale(_ weights: [Float]) -> [Double]? { scale(weights.map(Double.init)) }

  private mutating func scale(_ weights: [Double]) -> [Double]? {
    var largest = 0.0
    for weight in weights {
      if !weight.isFinite {
        trivial = .notFinite
        return nil
      }
      largest = max(largest, weight.magnitude)
    }
    guard largest > 0 else {
      trivial = .zero
      return nil
    }
    exponent = Int(largest.exponent)
    let factor = Double(sign: .plus, exponent: -exponent, significand: 1)
    return weights.map { $0 * factor }
  }

  private static func groups(
    _ window: ConvolutionWindow, _ input: [Int], _ filters: Int, _ elements: [Double]
  ) -> [any LinearBlock] {
    let groups = window.groups
    let share = elements.count / groups
    return (0..<groups).map { group in
      block(
        channels: input[0] / groups, filters: filters / groups, extent: [input[1], input[2]],
        window, Array(elements[group * share..<(group + 1) * share]))
    }
  }

  private static func sum(
    along axis: Int, _ window: PoolWindow, _ input: [Int]
  ) -> any LinearBlock {
    let line = ConvolutionWindow(
      kernel: [1, window.kernel[axis]], strides: [1, window.strides[axis]],
      paddingLow: [0, window.paddingLow[axis]], paddingHigh: [0, window.paddingHigh[axis]])
    return block(
      channels: 1, filters: 1, extent: [1, input[axis + 1]], line,
      Array(repeating: 1, count: window.kernel[axis]))
  }

  /// The filter as a matrix [M, C·kh·kw] if no two windows share an element, else the convolution.
  ///
  /// In the first case A is a direct sum of copies of that matrix, without the columns that lie in the
  /// padding. At least one copy must be complete; then the norms are equal.
  private static func block(
    channels: Int, filters: Int, extent: [Int], _ window: ConvolutionWindow, _ filter: [Double]
  ) -> any LinearBlock {
    guard let outputExtent = window.outputExtent(extent) else {
      preconditionFailure("the window does not fit \(extent)")
    }
    let isDirectSum = (0..<2).allSatisfy { axis in
      let span = window.dilations[axis] * (window.kernel[axis] - 1) + 1
      let hasWhole = (0..<outputExtent[axis]).contains { position in
        let first = position * window.strides[axis] - window.paddingLow[axis]
        return first >= 0 && first + span <= extent[axis]
      }
      return window.strides[axis] >= span && hasWhole
    }
    if isDirectSum {
      let columns = channels * window.kernel[0] * window.kernel[1]
      return DenseBlock(rows: filters, columns: columns, elements: filter)
    }
    return ConvolutionBlock(
      channels: channels, filters: filters, extent: extent, outputExtent: outputExtent,
      window: window, filter: filter)
  }
}
