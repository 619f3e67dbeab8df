import ModelIR

/// The values of the key `init` of layers with a weight.
enum InitializerWord: String, WordValue {
  case he, lecun, glorot, orthogonal

  /// The key.
  static let key = SpecKey<Self>("init", default: .he, "how the weight starts")

  /// The start of a weight whose units sum `fanIn` and feed `fanOut` terms.
  func initializer(fanIn: Int, fanOut: Int) -> ParameterDeclaration.Initializer {
    switch self {
    case .he: .he(fanIn: fanIn)
    case .lecun: .lecun(fanIn: fanIn)
    case .glorot: .glorot(fanIn: fanIn, fanOut: fanOut)
    case .orthogonal: .orthogonal
    }
  }
}
