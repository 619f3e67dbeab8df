import Compiler
import ModelIR
import TensorGraph

/// A part of a network as a map of its own: what a Lipschitz constant refers to.
enum NetworkPart: Hashable, Sendable {
  /// A layer with one operand, by its position in ``Model/nodes``.
  case layer(Int)
  /// From the network's input to a layer's output.
  case upTo(Int)
  /// From the network's input to the logits.
  case logits

  /// The shape of one argument.
  func inputShape(in model: Model) -> [Int] {
    switch self {
    case .layer(let index): model.nodes[index].inputShapes[0]
    case .upTo, .logits: model.inputShape
    }
  }

  /// The images of a batch [N, …] under the map; parameters become persistent inputs.
  func images(of points: Tensor, in model: Model) -> Tensor {
    switch self {
    case .layer(let index):
      let node = model.nodes[index]
      precondition(node.operands.count == 1, "'\(node.name)' has no constant of its own")
      let parameters = node.parameters.map { declaration in
        let name = "\(node.name).\(declaration.name)"
        let input = points.builder.input(
          name, declaration.shape, isPersistent: true, place: node.span)
        return (name, input)
      }
      return node.layer.lower(
        LoweringContext(
          builder: points.builder, inputs: [points], mode: .inference, name: node.name,
          parameters: Dictionary(uniqueKeysWithValues: parameters)))
    case .upTo(let index):
      return ModelGraph(model, images: points, mode: .inference).layers[index]
    case .logits:
      return ModelGraph(model, images: points, mode: .inference).logits
    }
  }
}
