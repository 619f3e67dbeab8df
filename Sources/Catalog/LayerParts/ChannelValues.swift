import Diagnostics
import ModelIR
import SpecSyntax

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
