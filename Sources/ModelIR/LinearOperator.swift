import Diagnostics
import TensorGraph

/// A linear map between one sample's tensors whose spectral norm enters the bound.
///
/// The map itself, without bias: what power iteration runs through and what the guaranteed norm
/// methods bound. A layer that returns one promises that its lowering minus its lowering at 0 is this
/// map, up to the shapes of input and output: a one-dimensional convolution's operator sees an image of
/// height 1, and its weight in row-major order as a filter of height 1.
public struct LinearOperator: Hashable, Sendable {
  /// What the map is.
  public enum Form: Hashable, Sendable {
    /// y = W x; W [outputs, inputs] under the parameter's full name.
    case dense(weight: String, inputs: Int, outputs: Int)
    /// Zero-padded cross-correlation of [C, H, W] with a filter [filters, C/groups, kh, kw].
    case convolution(weight: String, window: ConvolutionWindow, input: [Int], filters: Int)
    /// factor · sum over each window of [C, H, W]: average pooling; it has no weights.
    case sumPool(window: PoolWindow, input: [Int], factor: Double)
  }

  /// The layer's name, and the operator's in the bound.
  public let name: String
  /// What the map is.
  public let form: Form
  /// The method asked for by the layer's `bound` key, if any.
  public let method: String?

  /// Describes an operator.
  public init(name: String, form: Form, method: String? = nil) {
    self.name = name
    self.form = form
    self.method = method
  }

  /// The full name of the weight it depends on, if any.
  public var weight: String? {
    switch form {
    case .dense(let weight, _, _), .convolution(let weight, _, _, _): weight
    case .sumPool: nil
    }
  }

  /// The shape of one sample's input.
  public var inputShape: [Int] {
    switch form {
    case .dense(_, let inputs, _): [inputs]
    case .convolution(_, _, let input, _): input
    case .sumPool(_, let input, _): input
    }
  }

  /// Appends the map's application to a batch x [N, …] with the weight's value.
  public func apply(
    to x: Value, weight: Value?, into builder: inout GraphBuilder
  ) -> Value {
    switch form {
    case .dense:
      return builder.dot(x, weight!, transposeRight: true)
    case .convolution(_, let window, let input, let filters):
      let filterShape = [filters, input[0] / window.groups] + window.kernel
      let filter = builder.reshape(weight!, filterShape)
      return builder.convolution(x, filter, window)
    case .sumPool(let window, _, let factor):
      let sum = builder.apply(.sumPool(window), [x])
      return builder.scale(sum, by: factor)
    }
  }
}
