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
  func check(_ image: [Int]) throws(ShapeFault) {}

  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] {
    let image = try inputs.image()
    try check(image)
    return map(image).outputShape
  }

  func bound(in context: LayerBoundContext) -> LayerBound {
    .linear(LinearOperator(name: context.name, form: .copy(map(context.inputs[0]))))
  }

  func lower(_ context: LoweringContext) -> Tensor {
    map(Array(context.input.shape.dropFirst())).apply(to: context.input)
  }
}
