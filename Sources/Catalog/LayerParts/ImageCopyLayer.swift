import ModelIR
import TensorGraph

/// A layer that copies elements of an image to other places; a conforming file states the movements,
/// the rest follows.
protocol ImageCopyLayer: Layer {
  /// Throws unless the layer can take the image [C, H, W].
  func check(_ image: [Int]) throws(ShapeFault)
  /// The movements of an image that passes ``check(_:)``.
  func map(_ image: [Int]) -> CopyMap
}

extension ImageCopyLayer {
  /// Takes every image.
  func check(_ image: [Int]) throws(ShapeFault) {}

  /// What the movements make of the one image.
  public func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let image = try inputs.image()
    try check(image)
    return map(image).outputShape
  }

  /// None.
  public func parameters(for inputs: [[Int]]) -> [ParameterDeclaration] { [] }

  /// The movements.
  public func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(LinearOperator(name: context.name, form: .copy(map(context.inputs[0]))))
  }

  /// Moves the elements.
  public func lower(_ context: inout LoweringContext) -> Value {
    let x = context.inputs[0]
    let image = Array(context.builder.shape(x).dropFirst())
    return map(image).apply(to: x, into: &context.builder)
  }
}
