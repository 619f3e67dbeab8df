import ModelIR

/// The values of the key `bound` of a dense layer: the guaranteed norm of a matrix.
enum MatrixNormWord: String, WordValue {
  case auto, cholesky, gram

  /// The key.
  static let key = SpecKey<Self>("bound", default: .auto, "which guaranteed norm serves the weight")
  /// The method's name; nil leaves the choice to the compiler.
  var method: String? { self == .auto ? nil : rawValue }
}

/// The values of the key `bound` of a convolution: the guaranteed norm of the zero-padded operator.
enum ConvolutionNormWord: String, WordValue {
  case auto, cholesky, gram, fourier

  /// The key.
  static let key = SpecKey<Self>("bound", default: .auto, "which guaranteed norm serves the filter")
  /// The method's name; nil leaves the choice to the compiler.
  var method: String? { self == .auto ? nil : rawValue }
}
