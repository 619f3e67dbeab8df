import TensorGraph

// Random numbers: ``CounterRandom`` in 64-bit integers, bit for bit.
extension FunctionBody {
  /// The type of a word.
  private static let scalars = "tensor<ui64>"

  mutating func random(_ value: Value, _ stream: UInt64) {
    let type = type(value)
    let words = TensorType([type.count]).mlir(of: "ui64")
    let key = mixed(value, "key", seed(value, stream), Self.scalars)
    let keys = define(
      value, "keys", "broadcast_in_dim \(key), dims = []", "(\(Self.scalars)) -> \(words)")
    let index = define(value, "index", "iota dim = 0", words)
    let next = step(value, "next", "add", index, 1, words)
    let spread = step(value, "spread", "multiply", next, 0xD1B5_4A32_D192_ED03, words)
    let word = define(value, "word", "xor \(keys), \(spread)", words)
    let bits = mixed(value, "bits", word, words)
    let high = step(value, "high", "shift_right_logical", bits, 40, words)
    let floats = TensorType([type.count]).mlir
    let whole = define(value, "whole", "convert \(high)", "(\(words)) -> \(floats)")
    let unit = define(value, "unit", constant(StableHLO.number(0x1p-24), type.count), floats)
    let uniform = define(value, "uniform", "multiply \(whole), \(unit)", floats)
    line("\(names[value]) = stablehlo.reshape \(uniform) : (\(floats)) -> \(type.mlir)")
  }

  /// stream + counter · 0x9E37…, with the counter as ``CounterRandom/counter(_:)`` reads it.
  private mutating func seed(_ value: Value, _ stream: UInt64) -> String {
    let operand = names[graph[value].operands[0]]
    let zero = scalar(value, "zero", 0)
    let most = scalar(value, "most", 0x1p53)
    let isPositive = define(
      value, "positive", "compare GT, \(operand), \(zero)",
      "(tensor<f32>, tensor<f32>) -> tensor<i1>")
    let counted = define(
      value, "counted", "select \(isPositive), \(operand), \(zero)", "tensor<i1>, tensor<f32>")
    let limited = define(value, "limited", "minimum \(counted), \(most)", "tensor<f32>")
    let counter = define(
      value, "counter", "convert \(limited)", "(tensor<f32>) -> \(Self.scalars)")
    let product = step(value, "product", "multiply", counter, 0x9E37_79B9_7F4A_7C15, Self.scalars)
    return step(value, "seed", "add", product, stream, Self.scalars)
  }

  /// ``CounterRandom/mix(_:)`` of words.
  private mutating func mixed(
    _ value: Value, _ name: String, _ word: String, _ type: String
  ) -> String {
    var z = step(value, "\(name)$sum", "add", word, 0x9E37_79B9_7F4A_7C15, type)
    for (round, (shift, factor)) in [
      (30, 0xBF58_476D_1CE4_E5B9), (27, 0x94D0_49BB_1331_11EB as UInt64),
    ].enumerated() {
      let shifted = step(
        value, "\(name)$shift\(round)", "shift_right_logical", z, UInt64(shift), type)
      let folded = define(value, "\(name)$fold\(round)", "xor \(z), \(shifted)", type)
      z = step(value, "\(name)$mix\(round)", "multiply", folded, factor, type)
    }
    let last = step(value, "\(name)$shift2", "shift_right_logical", z, 31, type)
    return define(value, name, "xor \(z), \(last)", type)
  }

  /// An operation on words and one constant word.
  private mutating func step(
    _ value: Value, _ name: String, _ operation: String, _ word: String, _ number: UInt64,
    _ type: String
  ) -> String {
    let isEmpty = type.contains("<0x")
    let text = constant("\(number)", isEmpty ? 0 : 1)
    let other = define(value, "\(name)$c", text, type)
    return define(value, name, "\(operation) \(word), \(other)", type)
  }

  /// `constant dense<…>` for a number of elements.
  private func constant(_ number: String, _ count: Int) -> String {
    "constant dense<\(count == 0 ? "" : number)>"
  }
}
