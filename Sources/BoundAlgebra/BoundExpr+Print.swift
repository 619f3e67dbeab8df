extension BoundExpr: CustomStringConvertible {
  /// Text such as `σ(conv2d_1)·σ(dense_1)·√2`.
  public var description: String { render(.text) }

  /// LaTeX for math mode, such as `\sigma(\mathrm{dense\_1})\,\sqrt{2}`.
  public var latex: String { render(.latex) }

  private func render(_ notation: Notation) -> String {
    fold { (expression: BoundExpr, parts: [Notation.Piece]) in
      switch expression {
      case .constant(let constant): notation.constant(constant)
      case .norm(let symbol): notation.norm(symbol)
      case .sum: notation.sum(parts)
      case .product: notation.product(parts)
      case .rootSumSquares: notation.rootSumSquares(parts)
      case .minimum: notation.minimum(parts)
      case .gradientStep: notation.gradientStep(parts[0])
      case .unbounded: notation.unbounded
      }
    }.text
  }
}

extension NormSymbol: CustomStringConvertible {
  /// Text such as `σ(dense_1)`.
  public var description: String { Notation.text.norm(self).text }
}

extension BoundConstant: CustomStringConvertible {
  /// `2`, `1/2`, `√2`, `√(1/2)` or the constant's name.
  public var description: String { Notation.text.constant(self).text }
}

/// The two notations of a bound: plain text and LaTeX.
private enum Notation {
  case text, latex

  /// The text of a part and its precedence.
  struct Piece: Hashable {
    enum Binding: Comparable { case sum, product, atom }
    let text: String
    let binding: Binding
  }

  private var isText: Bool { self == .text }

  func constant(_ constant: BoundConstant) -> Piece {
    switch constant {
    case .rational(let numerator, let denominator):
      return Piece(
        text: ratio(numerator, denominator), binding: denominator == 1 ? .atom : .product)
    case .squareRoot(let numerator, let denominator):
      let inner = ratio(numerator, denominator)
      if !isText { return Piece(text: "\\sqrt{\(inner)}", binding: .atom) }
      return Piece(text: denominator == 1 ? "√\(inner)" : "√(\(inner))", binding: .atom)
    case .enclosed(let name, _, _):
      return Piece(text: isText ? name : "\\mathrm{\(Self.escaped(name))}", binding: .atom)
    }
  }

  func norm(_ symbol: NormSymbol) -> Piece {
    let name = isText ? symbol.name : "\\mathrm{\(Self.escaped(symbol.name))}"
    let text: String =
      switch symbol.quantity {
      case .norm: (isText ? "σ" : "\\sigma") + "(\(name))"
      case .layer: "K(\(name))"
      case .path: "L(\(name))"
      case .network: "L"
      case .rowDistance: (isText ? "δᵢⱼ" : "\\delta_{ij}") + "(\(name))"
      case .headDistance: isText ? "‖wᵢ − wⱼ‖" : "\\lVert w_i - w_j\\rVert"
      case .chain: "Q(\(name))"
      case .chainDifference: (isText ? "Qᵢⱼ" : "Q_{ij}") + "(\(name))"
      case .multipliers: "M(\(name))"
      case .multiplierDifference: (isText ? "Mᵢⱼ" : "M_{ij}") + "(\(name))"
      }
    return Piece(text: text, binding: .atom)
  }

  func sum(_ parts: [Piece]) -> Piece {
    guard !parts.isEmpty else { return Piece(text: "0", binding: .atom) }
    return Piece(text: parts.map(\.text).joined(separator: " + "), binding: .sum)
  }

  /// Equal factors are written once, as a power, at the position of the first.
  func product(_ parts: [Piece]) -> Piece {
    guard !parts.isEmpty else { return Piece(text: "1", binding: .atom) }
    var counts: [Piece: Int] = [:]
    var order: [Piece] = []
    for part in parts {
      if counts[part] == nil { order.append(part) }
      counts[part, default: 0] += 1
    }
    let written = order.map { power($0, counts[$0] ?? 1).text }
    return Piece(text: written.joined(separator: isText ? "·" : "\\,"), binding: .product)
  }

  func rootSumSquares(_ parts: [Piece]) -> Piece {
    let squares = parts.map { $0.text == "1" ? "1" : power($0, 2).text }.joined(separator: " + ")
    return Piece(text: isText ? "√(\(squares))" : "\\sqrt{\(squares)}", binding: .atom)
  }

  func minimum(_ parts: [Piece]) -> Piece {
    let list = parts.map(\.text).joined(separator: ", ")
    return Piece(text: isText ? "min(\(list))" : "\\min(\(list))", binding: .atom)
  }

  func gradientStep(_ part: Piece) -> Piece {
    let square = product([Piece(text: "2", binding: .atom), power(part, 2)]).text
    let (name, minus) = isText ? ("max", "−") : ("\\max", "-")
    return Piece(text: "\(name)(1, \(square) \(minus) 1)", binding: .atom)
  }

  var unbounded: Piece { Piece(text: isText ? "∞" : "\\infty", binding: .atom) }

  private func power(_ part: Piece, _ exponent: Int) -> Piece {
    if exponent == 1 {
      return part.binding == .sum ? Piece(text: "(\(part.text))", binding: .atom) : part
    }
    let base = part.binding < .atom || part.text.hasPrefix("√") ? "(\(part.text))" : part.text
    let raised = isText ? base + Self.superscript(exponent) : "\(base)^{\(exponent)}"
    return Piece(text: raised, binding: .product)
  }

  private func ratio(_ numerator: Int, _ denominator: Int) -> String {
    if denominator == 1 { return "\(numerator)" }
    return isText ? "\(numerator)/\(denominator)" : "\\frac{\(numerator)}{\(denominator)}"
  }

  private static func superscript(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return String(String(number).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }

  private static func escaped(_ name: String) -> String {
    var result = ""
    for character in name {
      if "_{}#$%&".contains(character) { result += "\\" }
      result.append(character)
    }
    return result
  }
}
