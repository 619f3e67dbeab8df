import Diagnostics
import ModelIR

extension SpecKey<Bool> {
  static let bias = SpecKey("bias", default: true, "whether b is added")
}

/// The values of the key `init` of layers with a weight.
enum InitializerWord: String, WordValue {
  case auto, he, lecun, glorot, orthogonal

  static let key = SpecKey<Self>("init", default: .auto, "how the weight is initialized")

  /// For a weight whose units sum `fanIn` and feed `fanOut` terms.
  func initializer(fanIn: Int, fanOut: Int) -> ParameterDeclaration.Initializer {
    switch self {
    case .auto, .he: .he(fanIn: fanIn)
    case .lecun: .lecun(fanIn: fanIn)
    case .glorot: .glorot(fanIn: fanIn, fanOut: fanOut)
    case .orthogonal: .orthogonal
    }
  }
}

/// The key `parametrization` of layers with a weight.
extension ConfigReader {
  mutating func readParametrization() -> (any Parametrization)? {
    let set = (registry ?? Catalog.registry).parametrizations
    return readIfPresent("parametrization", "how the weight is formed in training", from: set)?
      .value
  }

  /// A formed weight starts as its parametrization says.
  mutating func requireInitializer(
    _ initializer: InitializerWord, _ parametrization: (any Parametrization)?
  ) {
    guard parametrization != nil, initializer != .auto else { return }
    report(
      Diagnostic.error(
        .spec, "conflict",
        "'init' must be 'auto' with a parametrization, found '\(initializer.rawValue)'",
        at: span(of: "init"), help: "leave it out"))
  }
}

/// The values of the key `bound` of a dense layer: the guaranteed norm of a matrix.
enum MatrixNormWord: String, WordValue {
  case auto, cholesky, gram

  static let key = SpecKey<Self>(
    "bound", default: .auto, "which guaranteed norm bounds the weight")
  /// The method's name; nil leaves the choice to the compiler.
  var method: String? { self == .auto ? nil : rawValue }
}

/// The values of the key `bound` of a convolution: the guaranteed norm of the zero-padded operator.
enum ConvolutionNormWord: String, WordValue {
  case auto, cholesky, gram, fourier

  static let key = SpecKey<Self>(
    "bound", default: .auto, "which guaranteed norm bounds the filter")
  /// The method's name; nil leaves the choice to the compiler.
  var method: String? { self == .auto ? nil : rawValue }
}
