import Diagnostics

extension BoundExpr: CustomStringConvertible {
  /// Text such as `σ(conv2d_1)·σ(dense_1)·√2`.
  public var description: String { render(.text) }

  /// LaTeX for math mode, such as `\sigma(\mathrm{dense\_1})\,\sqrt{2}`.
  public var latex: String { render(.latex) }

  /// One JSON value: `{"norm":"dense_1"}`, `{"product":[…]}`, `{"constant":"1/2"}`, ….
  public var json: String {
    fold { expression, parts in
      let list = "[" + parts.joined(separator: ",") + "]"
      return switch expression {
      case .constant(let constant): constant.json
      case .norm(let symbol):
        "{\"\(symbol.quantity.key)\":\(symbol.name.jsonQuoted)}"
      case .sum: "{\"sum\":\(list)}"
      case .product: "{\"product\":\(list)}"
      case .rootSumSquares: "{\"root_sum_squares\":\(list)}"
      case .minimum: "{\"minimum\":\(list)}"
      case .unbounded(let cause): "{\"unbounded\":\(cause.reason.jsonQuoted)}"
      }
    }
  }

  private func render(_ notation: Notation) -> String {
    fold { (expression: BoundExpr, parts: [Notation.Piece]) in
      switch expression {
      case .constant(let constant): notation.constant(constant)
      case .norm(let symbol): notation.norm(symbol)
      case .sum: notation.sum(parts)
      case .product: notation.product(parts)
      case .rootSumSquares: notation.rootSumSquares(parts)
      case .minimum: notation.minimum(parts)
      case .unbounded: notation.unbounded
      }
    }.text
  }
}

extension NormSymbol.Quantity {
  fileprivate var key: String {
    switch self {
    case .norm: "norm"
    case .path: "path"
    case .rowDistance: "row_distance"
    case .chain: "chain"
    }
  }
}

extension BoundConstant: CustomStringConvertible {
  /// `2`, `1/2`, `√2`, `√(1/2)` or the constant's name.
  public var description: String { Notation.text.constant(self).text }

  var json: String {
    switch self {
    case .rational(let numerator, let denominator):
      "{\"constant\":\"\(denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)")\"}"
    case .squareRoot(let numerator, let denominator):
      "{\"square_root\":\"\(denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)")\"}"
    case .enclosed(let name, let lower, let upper):
      "{\"enclosed\":\(name.jsonQuoted),\"lower\":\(lower.value),\"upper\":"
        + (upper.isFinite ? "\(upper.value)}" : "null}")
    }
  }
}

extension String {
  /// The string as a JSON string.
  fileprivate var jsonQuoted: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
