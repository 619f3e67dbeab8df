import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph

/// A layer that applies one function to every element; a conforming file states the function and the
/// range of its slopes, the rest follows.
protocol ElementwiseLayer: Layer {
  /// The range of the function's difference quotients.
  var slopes: Slopes { get }
  func apply(to x: Tensor) -> Tensor
}

extension ElementwiseLayer {
  func outputShape(of inputs: [[Int]]) throws(ShapeFault) -> [Int] { try inputs.only() }
  func bound(in context: LayerBoundContext) -> LayerBound { .elementwise(slopes) }
  func lower(_ context: LoweringContext) -> Tensor { apply(to: context.input) }
}

/// An ``ElementwiseLayer`` without keys.
protocol KeylessElementwiseLayer: ElementwiseLayer {
  init()
}

extension KeylessElementwiseLayer {
  static var examples: [LayerExample] {
    [LayerExample("", inputs: [[5]]), LayerExample("", inputs: [[2, 3, 3]])]
  }
  init(from reader: inout ConfigReader) { self.init() }
}

extension BoundConstant {
  /// A constant between `lower` and the next larger Double, printed as `text`.
  static func enclosed(_ text: String, above lower: Double) -> BoundConstant {
    .enclosed(
      text, lower: LowerBound(proven: lower), upper: UpperBound(proven: lower.nextUp))
  }
}
