import BoundAlgebra
import TensorGraph

/// A way to form a weight from a free tensor, so that the norm of the layer's map has a known bound
/// whatever the free tensor is.
///
/// Training moves the free tensor. What is stored is the weight, corrected by a guaranteed norm, so
/// that nothing but training depends on the parametrization.
public protocol Parametrization: CatalogEntry where Example == String {
  /// Throws a phrase if there is no weight of this form for a map.
  func check(_ map: FilterMap) throws(ShapeFault)
  /// Bounds the norm of the map, in exact arithmetic and for every finite free tensor.
  func constant(of map: FilterMap) -> BoundConstant
  /// The shape of the free tensor [rows, columns].
  func freeShape(for map: FilterMap) -> [Int]
  /// How the free tensor starts.
  var initializer: ParameterDeclaration.Initializer { get }
  /// Whether forming a weight from a weight of this form gives the same weight, so that training can
  /// start from a stored one.
  var keepsItsWeights: Bool { get }
  /// The weight [``FilterMap/rows``, ``FilterMap/columns``] formed from a free tensor.
  func weight(from free: Tensor, of map: FilterMap) -> Tensor
  /// The weight in a training step, which may differ from the formed one as far as steps since the last
  /// retraction move it.
  func trainedWeight(from free: Tensor, of map: FilterMap) -> Tensor
  /// What replaces the free tensor after every so many training steps; nil if nothing does.
  var retraction: Retraction? { get }
}

/// How training brings free tensors back to the set on which they are meant to stay.
public struct Retraction: Sendable {
  /// The number of training steps from one to the next.
  public let interval: Int
  /// A tensor of the same shape for a free tensor.
  public let retracted: @Sendable (Tensor) -> Tensor

  /// One after every `interval` steps.
  public init(every interval: Int, _ retracted: @escaping @Sendable (Tensor) -> Tensor) {
    (self.interval, self.retracted) = (interval, retracted)
  }
}

extension Parametrization {
  /// Every map has one unless an entry says otherwise.
  public func check(_ map: FilterMap) throws(ShapeFault) {}
  /// 1 unless an entry says otherwise.
  public func constant(of map: FilterMap) -> BoundConstant { .one }
  /// The shape of the weight as a matrix unless an entry says otherwise.
  public func freeShape(for map: FilterMap) -> [Int] { [map.rows, map.columns] }
  /// Orthonormal rows or columns unless an entry says otherwise.
  public var initializer: ParameterDeclaration.Initializer { .orthogonal }
  /// Not unless an entry says so.
  public var keepsItsWeights: Bool { false }
  /// The formed weight unless an entry says otherwise.
  public func trainedWeight(from free: Tensor, of map: FilterMap) -> Tensor {
    weight(from: free, of: map)
  }
  /// None unless an entry says otherwise.
  public var retraction: Retraction? { nil }
}

/// The linear map of a dense layer or a zero-padded, strided convolution, as a parametrization sees it.
///
/// A dense layer is a convolution of one pixel.
public struct FilterMap: Hashable, Sendable {
  /// M.
  public let filters: Int
  /// C/groups.
  public let channels: Int
  /// The window; zeros around the input and the input's extents do not matter.
  public let window: ConvolutionWindow

  /// The map of a matrix [filters, channels].
  public init(rows filters: Int, columns channels: Int) {
    self.init(filters: filters, channels: channels, ConvolutionWindow(kernel: [1, 1]))
  }

  /// The map of filters [M, C/groups, kh, kw].
  public init(filters: Int, channels: Int, _ window: ConvolutionWindow) {
    (self.filters, self.channels) = (filters, channels)
    self.window = ConvolutionWindow(
      kernel: window.kernel, strides: window.strides, dilations: window.dilations,
      groups: window.groups)
  }

  /// M, the rows of the weight as a matrix.
  public var rows: Int { filters }
  /// C/groups·kh·kw, its columns.
  public var columns: Int { channels * window.kernel[0] * window.kernel[1] }
  /// The weight's shape as filters.
  public var filterShape: [Int] { [filters, channels] + window.kernel }
  /// Whether the map multiplies each pixel by the same matrix.
  public var isMatrix: Bool { window.kernel == [1, 1] && window.groups == 1 }

  /// The most windows that read one element of the input.
  ///
  /// Tap p of window o reads o·s + p·d, so two taps that read the same element are a multiple of
  /// s/gcd(s, d) apart.
  public var overlap: Int {
    (0..<2).reduce(1) { product, axis in
      let step = Self.tapStep(window, axis)
      return product * ((window.kernel[axis] + step - 1) / step)
    }
  }

  /// The least distance of two taps that read the same element, in taps.
  static func tapStep(_ window: ConvolutionWindow, _ axis: Int) -> Int {
    let (stride, dilation) = (window.strides[axis], window.dilations[axis])
    var (a, b) = (stride, dilation)
    while b != 0 { (a, b) = (b, a % b) }
    return stride / a
  }

  /// The distances of ``overlap`` by axis.
  public var tapSteps: [Int] { (0..<2).map { Self.tapStep(window, $0) } }
}

/// The weight of a layer, formed from a free tensor in training.
public struct FormedWeight: Sendable {
  /// The layer's map.
  public let map: FilterMap
  /// How it is formed.
  public let parametrization: any Parametrization

  /// A weight of a map.
  public init(_ parametrization: any Parametrization, of map: FilterMap) {
    (self.parametrization, self.map) = (parametrization, map)
  }

  /// The name of the weight within its layer.
  public static let name = "weight"

  /// Throws a phrase if there is no weight of this form for the map.
  public func check() throws(ShapeFault) { try parametrization.check(map) }

  /// The free tensor, under the name that training gives it.
  public var free: ParameterDeclaration {
    ParameterDeclaration(
      "\(Self.name)/free", parametrization.freeShape(for: map), .bias, parametrization.initializer)
  }

  /// What the norm of every weight that training can reach is at most.
  public var constraint: NormConstraint {
    NormConstraint(
      constant: parametrization.constant(of: map), parametrization: type(of: parametrization).kind)
  }

  /// The weight of a shape of as many elements.
  public func weight(from free: Tensor, shape: [Int]) -> Tensor {
    parametrization.weight(from: free, of: map).reshaped(shape)
  }

  /// The weight of a training step.
  public func trainedWeight(from free: Tensor, shape: [Int]) -> Tensor {
    parametrization.trainedWeight(from: free, of: map).reshaped(shape)
  }
}

/// A bound on the norm of every weight that a layer can have.
public struct NormConstraint: Hashable, Sendable {
  /// The bound, in exact arithmetic.
  public let constant: BoundConstant
  /// The kind of parametrization that it follows from.
  public let parametrization: String
  /// States a bound.
  public init(constant: BoundConstant, parametrization: String) {
    (self.constant, self.parametrization) = (constant, parametrization)
  }
}
