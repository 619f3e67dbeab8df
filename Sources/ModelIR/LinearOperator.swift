import BoundAlgebra
import Diagnostics
import TensorGraph

/// A linear map between one sample's tensors whose spectral norm enters the bound.
///
/// The map itself, without bias: what power iteration applies and what the guaranteed norm methods
/// bound. A layer that returns one promises that its lowering for prediction minus its lowering
/// at 0 is this map, up to the shapes of input and output: a one-dimensional convolution's operator sees
/// an image of height 1, and its weight in row-major order as a filter of height 1.
public struct LinearOperator: Hashable, Sendable {
  /// What the map is.
  public enum Form: Hashable, Sendable {
    /// y = W x; W [outputs, inputs] under the parameter's full name.
    case dense(weight: String, inputs: Int, outputs: Int)
    /// Zero-padded cross-correlation of [C, H, W] with a filter [filters, C/groups, kh, kw].
    case convolution(weight: String, window: ConvolutionWindow, input: [Int], filters: Int)
    /// The adjoint of the convolution of `output` [M, H′, W′] with a filter [C, M/groups, kh, kw] to
    /// `input` [C, H, W].
    case transposedConvolution(
      weight: String, window: ConvolutionWindow, input: [Int], output: [Int])
    /// factor · sum over each window of [C, H, W]: average pooling; it has no weights.
    case sumPool(window: PoolWindow, input: [Int], factor: Double)
    /// A factor for every element, the same within a channel (the first axis).
    case diagonal(ChannelFactors, shape: [Int])
    /// Elements copied to other places, repeated or left out, and zeros between them.
    case copy(CopyMap)
    /// x minus its mean over some axes of the shape: the orthogonal projection on what has mean 0.
    case centering(axes: [Int], shape: [Int])
  }

  /// The layer's name, and the operator's in the bound.
  public let name: String
  /// What the map is.
  public let form: Form
  /// The method asked for by the layer's `bound` key, if any.
  public let method: String?
  /// What the norm of every weight that training can reach is at most; nil for free weights.
  public let constraint: NormConstraint?

  /// Describes an operator.
  public init(
    name: String, form: Form, method: String? = nil, constraint: NormConstraint? = nil
  ) {
    self.constraint = constraint
    self.name = name
    self.form = form
    self.method = method
  }

  /// The full names of the parameters and statistics it depends on.
  public var parameters: [String] {
    switch form {
    case .dense(let weight, _, _), .convolution(let weight, _, _, _),
      .transposedConvolution(let weight, _, _, _):
      [weight]
    case .diagonal(let factors, _): factors.parameters
    case .sumPool, .copy, .centering: []
    }
  }

  /// The full name of its trained matrix or filter, and the equal parts of the weight's rows that see
  /// inputs of their own; nil where it has none.
  public var weight: (name: String, groups: Int)? {
    switch form {
    case .dense(let weight, _, _): (weight, 1)
    case .convolution(let weight, let window, _, _),
      .transposedConvolution(let weight, let window, _, _):
      (weight, window.groups)
    case .sumPool, .diagonal, .copy, .centering: nil
    }
  }

  /// The shape of one sample's input.
  public var inputShape: [Int] {
    switch form {
    case .dense(_, let inputs, _): [inputs]
    case .convolution(_, _, let input, _), .transposedConvolution(_, _, let input, _),
      .sumPool(_, let input, _):
      input
    case .diagonal(_, let shape), .centering(_, let shape): shape
    case .copy(let map): map.inputShape
    }
  }

  /// The shape of one sample's output.
  public var outputShape: [Int] {
    switch form {
    case .dense(_, _, let outputs): [outputs]
    case .convolution(_, let window, let input, let filters):
      [filters] + (window.outputExtent(Array(input[1...])) ?? [])
    case .transposedConvolution(_, _, _, let output): output
    case .sumPool(let window, let input, _):
      [input[0]] + (window.outputExtent(Array(input[1...])) ?? [])
    case .diagonal(_, let shape), .centering(_, let shape): shape
    case .copy(let map): map.outputShape
    }
  }

  /// The norm where it is the same for all weights.
  public var closedNorm: BoundConstant? {
    switch form {
    case .dense, .convolution, .transposedConvolution: nil
    case .sumPool(let window, let input, let factor): window.closedNorm(of: input, factor: factor)
    case .diagonal(let factors, _): factors.closedNorm
    case .copy(let map): map.norm
    case .centering(let axes, let shape):
      axes.allSatisfy { shape[$0] == 1 } ? .rational(0, 1) : .one
    }
  }

  /// The norm as an expression: the closed one, or the symbol of the operator's name.
  public var norm: BoundExpr { closedNorm.map { .constant($0) } ?? .norm(NormSymbol(name)) }

  /// The map of a batch x [N, …] of as many elements as the input.
  ///
  /// - Parameter parameter: the tensor of a parameter, by full name.
  public func apply(to x: Tensor, parameter: (String) -> Tensor) -> Tensor {
    let batch = x.shape[0]
    let x = x.reshaped([batch] + inputShape)
    switch form {
    case .dense(let weight, _, _):
      return x.dot(parameter(weight), transposeRight: true)
    case .convolution(let weight, let window, let input, let filters):
      let filterShape = [filters, input[0] / window.groups] + window.kernel
      return x.convolved(with: parameter(weight).reshaped(filterShape), window)
    case .transposedConvolution(let weight, let window, let input, let output):
      let filterShape = [input[0], output[0] / window.groups] + window.kernel
      let filter = parameter(weight).reshaped(filterShape)
      return x.builder.apply(
        .convolutionInputGradient(window), [x, filter], as: TensorType([batch] + output))
    case .sumPool(let window, _, let factor):
      return x.sumPool(window) * factor
    case .diagonal(let factors, _):
      return x * factors.lower(like: x, parameter: parameter)
    case .copy(let map):
      return map.apply(to: x)
    case .centering(let axes, _):
      return x.centered(axes: axes.map { $0 + 1 })
    }
  }
}

extension PoolWindow {
  /// The norm of factor times the window sums where windows neither overlap nor leave the image and
  /// factor² · kh · kw is the reciprocal of a whole number: average pooling over 2ⁿ elements.
  fileprivate func closedNorm(of input: [Int], factor: Double) -> BoundConstant? {
    let isDisjoint = (0..<2).allSatisfy { strides[$0] >= kernel[$0] }
    let isInside = paddingLow == [0, 0] && paddingHigh == [0, 0]
    let count = kernel[0] * kernel[1]
    let isExact = count & (count - 1) == 0 && factor == 1 / Double(count)
    return isDisjoint && isInside && isExact ? .squareRoot(1, count) : nil
  }
}

extension Tensor {
  /// x minus its mean over axes of the batch.
  public func centered(axes: [Int]) -> Tensor {
    let kept = shape.indices.filter { !axes.contains($0) }
    return self - mean(axes: axes).broadcast(like: self, axes: kept)
  }
}
