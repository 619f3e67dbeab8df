import Diagnostics

extension Elaborator {
  mutating func repeatLayers(
    _ kind: YAMLNode, _ value: YAMLNode?, _ frame: Frame, _ depth: Int,
    to result: inout [YAMLNode]
  ) {
    let keys = ["times", "index", "layers"]
    guard let value, let pairs = value.mapping else {
      return fault(
        "wrong-type", "'repeat' takes a mapping of keys", kind.span,
        help: "write 'repeat: {times: 3, layers: […]}'")
    }
    for pair in pairs where !keys.contains(pair.key.scalar ?? "") {
      fault(
        "unknown-key", "'repeat' has no key \(pair.key.typeName)", pair.key.span,
        help: Suggestion.help(for: pair.key.scalar ?? "", in: keys, kind: "its keys"))
    }
    guard let body = value["layers"], let times = value["times"] else {
      let missing = value["layers"] == nil ? "layers" : "times"
      return fault("missing-key", "'repeat' needs the key '\(missing)'", kind.span)
    }
    guard let count = repetitions(times, frame) else { return }
    let index = value["index"].flatMap { checkedName($0, "index") }
    for round in 0..<count {
      var inner = frame
      if let index {
        inner.scope.define(
          index, YAMLNode(.scalar(String(round + 1), isPlain: true), span: kind.span))
      }
      guard spend(1, depth, kind.span), let list = layers(body, inner, depth: depth + 1) else {
        return
      }
      result += list.sequence ?? [list]
    }
  }

  private mutating func repetitions(_ node: YAMLNode, _ frame: Frame) -> Int? {
    let node = substitute(node, frame.scope, depth: 4)
    guard !node.isFaulty, let number = node.number(for: "times", &diagnostics) else { return nil }
    if let count = number.integer, (0...limits.nodes).contains(count) { return count }
    fault(
      "out-of-range",
      "'times' must be an integer from 0 to \(limits.nodes), found \(number.text.quoted)", node.span
    )
    return nil
  }
}
