import BoundAlgebra
import Diagnostics
import ModelIR
import SpecSyntax
import TensorGraph

/// One number for all channels or one for each; a channel is an index of the sample's first axis.
struct ChannelValues: SpecValue, Hashable {
  /// One value or as many as channels.
  let values: [Double]

  init(_ values: [Double]) { self.values = values }

  static let typeName = "number or list of one number per channel"
  static let form = SpecForm.either([.number(), .list(of: .number(), counts: 1...Int.max)])
  static let placeholder = ChannelValues([1])

  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> ChannelValues? {
    guard node.sequence != nil else {
      return Double.decode(node, key: key, &diagnostics).map { ChannelValues([$0]) }
    }
    guard let list = [Double].decode(node, key: key, &diagnostics) else { return nil }
    guard !list.isEmpty else {
      diagnostics.append(
        .error(.spec, "wrong-length", "'\(key)' must not be an empty list", at: node.span))
      return nil
    }
    return ChannelValues(list)
  }

  var specText: String { values.count == 1 ? values[0].specText : values.specText }

  /// Throws unless there is one value or one for each channel of the shape.
  func check(_ key: String, against shape: [Int]) throws(ShapeFault) {
    let channels = shape.first ?? 1
    guard values.count == 1 || values.count == channels else {
      throw ShapeFault(
        "needs one value of '\(key)' or \(channels), one per channel of \(shape), "
          + "found \(values.count)")
    }
  }

  /// The values as the network uses them.
  var stored: [StoredConstant] { values.map(StoredConstant.init) }
  /// 1/value as the network uses them.
  var reciprocals: [StoredConstant] { values.map { StoredConstant(1 / $0) } }
}

extension SpecKey<ChannelValues>.Requirement {
  static let float32Numbers = Self("float32 numbers") { $0.values.allSatisfy(StoredConstant.fits) }
}

extension [StoredConstant] {
  /// The layer's multiplication by these factors.
  func diagonal(in context: LayerBoundContext) -> LinearOperator {
    LinearOperator(
      name: context.name,
      form: .diagonal(.constants(map(\.value)), shape: context.inputs[0]))
  }

  /// One constant for all or one per channel (axis 1), in the type of a batch x.
  func spread(like x: Tensor) -> Tensor {
    if count == 1 { return x.constant(self[0].value) }
    return x.builder.literal(map(\.value), [count]).broadcast(like: x, axes: [1])
  }
}
