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

  static let typeName = "number or list of one number a channel"

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
        "needs one value of '\(key)' or \(channels), one a channel of \(shape), "
          + "found \(values.count)")
    }
  }
}

extension ChannelValues {
  /// The values as the network uses them.
  var stored: [StoredConstant] { values.map(StoredConstant.init) }
  /// 1/value as the network uses them.
  var reciprocals: [StoredConstant] { values.map { StoredConstant(1 / $0) } }
}

extension [StoredConstant] {
  /// The layer's multiplication by these factors.
  func diagonal(in context: LayerBoundContext) -> LinearOperator {
    LinearOperator(
      name: context.name,
      form: .diagonal(.constants(map(\.value)), shape: context.inputs[0]))
  }
}

extension GraphBuilder {
  /// One constant for all or one a channel (axis 1), in the type of a batch x.
  mutating func channelConstants(_ constants: [StoredConstant], like x: Value) -> Value {
    if constants.count == 1 { return splat(constants[0].value, like: x) }
    let row = literal(constants.map(\.value), [constants.count])
    return broadcast(row, to: shape(x), axes: [1])
  }
}
