import Diagnostics
import TensorGraph

/// A kind of layer.
///
/// The doc comment states formula, shapes, bound with its theorem, cost and reference.
public protocol Layer: CatalogEntry where Example == LayerExample {
  /// The shape of one sample's output, without the batch axis; throws a phrase that states what is
  /// required and what was found.
  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int]
  /// The parameters and other state for the input shapes, named as in PyTorch.
  func parameters(for inputs: [[Int]]) -> [ParameterDeclaration]
  /// How training forms the parameter `weight`; nil if it is trained itself.
  func formedWeight(for inputs: [[Int]]) -> FormedWeight?
  /// How the layer enters the network's Lipschitz bound. There is no default.
  func bound(in context: LayerBoundContext) -> LayerBound
  /// The layer's function of a batch.
  func lower(_ context: LoweringContext) -> Tensor
}

extension Layer {
  /// None unless an entry says otherwise.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }
  /// Trained itself unless an entry says otherwise.
  public func formedWeight(for inputs: [[Int]]) -> FormedWeight? { nil }
}

/// A broken shape rule: what the layer requires and what it was given.
public struct ShapeFault: Error, Hashable, Sendable {
  /// One phrase without the layer's name.
  public let message: String
  /// What to do instead, if known.
  public let help: String?
  /// States a fault.
  public init(_ message: String, help: String? = nil) {
    self.message = message
    self.help = help
  }
}

/// A case for the generic tests of a layer.
public struct LayerExample: Sendable {
  /// The layer's keys as YAML flow text, such as `{filters: 3, kernel: 2}`; empty for none.
  public let keys: String
  /// The shape of each input, without batch.
  public let inputs: [[Int]]
  /// A case.
  public init(_ keys: String, inputs: [[Int]]) {
    self.keys = keys
    self.inputs = inputs
  }
}

/// A number of the training data's channels.
public enum DataStatistic: Hashable, Sendable {
  case mean
  /// 1/σ for the standard deviation σ.
  case reciprocalDeviation
}

/// A tensor of a layer that outlives a step.
public struct ParameterDeclaration: Hashable, Sendable {
  /// How a parameter starts.
  ///
  /// `fanIn` and `fanOut` count the terms a unit sums and feeds.
  public enum Initializer: Hashable, Sendable {
    case constant(Double)
    /// Normal with variance 2/fanIn (He et al. 2015).
    case he(fanIn: Int)
    /// Normal with variance 1/fanIn (LeCun et al. 1998).
    case lecun(fanIn: Int)
    /// Normal with variance 2/(fanIn + fanOut) (Glorot, Bengio 2010).
    case glorot(fanIn: Int, fanOut: Int)
    /// Orthonormal rows or columns of the tensor as a matrix [first axis, rest] (Saxe et al. 2014).
    case orthogonal
    /// A number of the training data for each channel of the network's input; 0 or 1 without data.
    case ofData(DataStatistic)
  }
  /// What happens to it in training.
  public enum Role: Hashable, Sendable {
    /// Trained, with weight decay.
    case weight
    /// Trained, without weight decay.
    case bias
    /// Not trained by gradient: running statistics.
    case statistic
  }

  /// Name within the layer: `weight`, `bias`, `running_mean`.
  public let name: String
  /// Extents, in PyTorch's layout.
  public let shape: [Int]
  /// The role.
  public let role: Role
  /// The start.
  public let initializer: Initializer

  /// The vectors of one group have elements of at least 0 with the sum 1, all of them together; nil
  /// for a free parameter.
  public let convexGroup: String?

  /// Declares a parameter.
  public init(
    _ name: String, _ shape: [Int], _ role: Role, _ initializer: Initializer,
    convexGroup: String? = nil
  ) {
    self.convexGroup = convexGroup
    self.name = name
    self.shape = shape
    self.role = role
    self.initializer = initializer
  }

  /// Whether it starts from numbers of the training data.
  public var isOfData: Bool {
    if case .ofData = initializer { true } else { false }
  }
}
