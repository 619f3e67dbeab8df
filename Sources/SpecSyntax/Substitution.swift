import Diagnostics

/// The constants visible at one point of the spec: `let`, a block's parameters, a repetition's index.
struct Scope {
  /// A constant with its size, so that its uses can be counted against the limits.
  struct Constant {
    let node: YAMLNode
    let count: Int
    let height: Int

    init(_ node: YAMLNode) {
      self.node = node
      count = node.count
      height = node.height
    }
  }

  /// The constants of `let`; all scopes share them, so that copying a scope costs only its local part.
  private var shared: [String: Constant] = [:]
  private var local: [String: Constant] = [:]
  private var isSealed = false
  /// Constants defined later, for the message about a use before the definition.
  var later: Set<String> = []

  subscript(name: String) -> Constant? { local[name] ?? shared[name] }

  /// All names, sorted.
  var names: [String] { Set(shared.keys).union(local.keys).sorted() }

  /// Adds a constant; an inner one hides an outer one of its name.
  mutating func define(_ name: String, _ node: YAMLNode) {
    if isSealed {
      local[name] = Constant(node)
    } else {
      shared[name] = Constant(node)
      later.remove(name)
    }
  }

  /// Ends `let`: later definitions are local.
  mutating func seal() { isSealed = true }
}

/// Replaces `${…}` in one scalar.
struct Substitution {
  let node: YAMLNode
  let text: String
  let scope: Scope
  /// Used names, including undefined ones.
  private(set) var used: Set<String> = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Bytes of the longest scalar.
  static let maximumLength = 4096

  init(_ node: YAMLNode, _ text: String, _ scope: Scope) {
    self.node = node
    self.text = text
    self.scope = scope
  }

  /// The new node, and the constant if the scalar is nothing but its name; nil after a diagnostic.
  mutating func run() -> (node: YAMLNode, constant: Scope.Constant?)? {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var position = 0
    while position < bytes.count {
      if bytes[position...].starts(with: "$${".utf8) {
        result += "${".utf8
        position += 3
      } else if bytes[position...].starts(with: "${".utf8) {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else {
          report("substitution", "'${' has no matching '}'", position..<bytes.count)
          return nil
        }
        let inner = (position + 2)..<end
        let isWhole = position == 0 && end == bytes.count - 1
        let word = String(decoding: bytes[inner], as: UTF8.self).trimmed
        if isWhole, Self.isName(word) { return whole(word, inner) }
        guard let piece = piece(word, inner, isWhole: isWhole) else { return nil }
        if isWhole { return (scalar(piece, isPlain: true), nil) }
        result += piece.utf8
        position = end + 1
      } else {
        result.append(bytes[position])
        position += 1
      }
      guard result.count <= Self.maximumLength else {
        report(
          "substitution", "a value has at most \(Self.maximumLength) bytes after substitution",
          0..<bytes.count)
        return nil
      }
    }
    return (scalar(String(decoding: result, as: UTF8.self), isPlain: false), nil)
  }

  private func scalar(_ text: String, isPlain: Bool) -> YAMLNode {
    YAMLNode(.scalar(text, isPlain: isPlain), span: node.span)
  }

  /// The constant itself, which may be a list or mapping, at the position of its use.
  private mutating func whole(
    _ name: String, _ range: Range<Int>
  ) -> (node: YAMLNode, constant: Scope.Constant?)? {
    guard let constant = lookUp(name, range) else { return nil }
    return (YAMLNode(constant.node.content, span: node.span), constant)
  }

  /// The text that replaces an expression inside other text.
  private mutating func piece(_ word: String, _ range: Range<Int>, isWhole: Bool) -> String? {
    if Self.isName(word) {
      guard let constant = lookUp(word, range) else { return nil }
      guard let text = constant.node.scalar else {
        report(
          "substitution",
          "only a scalar can be inserted into text, but '\(word)' is \(constant.node.typeName)",
          range)
        return nil
      }
      // In brackets, because a sum in a product must stay one number.
      let isNumber = text.contains { "+-*/".contains($0) } && (try? ExactNumber(text)) != nil
      return isNumber ? "(\(text))" : text
    }
    guard let number = evaluate(word, range) else { return nil }
    guard let value = number.rational else { return "(\(number.text))" }
    return value.denominator == 1 || isWhole ? value.text : "(\(value.text))"
  }

  /// Arithmetic over constants: names become their values in brackets.
  private mutating func evaluate(_ expression: String, _ range: Range<Int>) -> ExactNumber? {
    var text = ""
    var rest = Substring(expression)
    while let first = rest.first {
      let word = rest.prefix { Self.isNameByte($0) }
      if word.isEmpty || first.isNumber {
        // The letters of 0x10 and 1e-3 are not names.
        let taken =
          first.isNumber ? rest.prefix { Self.isNameByte($0) || $0 == "." } : rest.prefix(1)
        text += taken
        rest = rest.dropFirst(taken.count)
        continue
      }
      rest = rest.dropFirst(word.count)
      guard word != "sqrt" else {
        text += word
        continue
      }
      guard let constant = lookUp(String(word), range) else { return nil }
      text += "(" + (constant.node.scalar ?? "") + ")"
    }
    do {
      return try ExactNumber(text)
    } catch {
      report("substitution", "cannot evaluate '\(expression)': \(error.message)", range)
      return nil
    }
  }

  private mutating func lookUp(_ name: String, _ range: Range<Int>) -> Scope.Constant? {
    used.insert(name)
    if let constant = scope[name] { return constant.node.isFaulty ? nil : constant }
    if scope.later.contains(name) {
      report("undefined", "constant \(name.quoted) is used before it is defined", range)
      return nil
    }
    report(
      "undefined", "no constant is named \(name.quoted)", range,
      help: Suggestion.help(for: name, in: scope.names, kind: "constants"))
    return nil
  }

  private mutating func report(
    _ rule: String, _ message: String, _ range: Range<Int>, help: String? = nil
  ) {
    diagnostics.append(.error(.spec, rule, message, at: node.span(range), help: help))
  }

  static func isName(_ text: String) -> Bool {
    guard let first = text.first, !first.isNumber, text.utf8.count <= 64 else { return false }
    return text.allSatisfy(isNameByte)
  }

  private static func isNameByte(_ character: Character) -> Bool {
    character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
  }
}

extension YAMLNode {
  /// The name that a key of `let`, `define` or `parameters` defines; nil after a diagnostic.
  ///
  /// - Parameter kind: what is named, for the message.
  func identifier(of kind: String, _ diagnostics: inout [Diagnostic]) -> String? {
    if let name = scalar, Substitution.isName(name), name != "sqrt" { return name }
    let rule =
      scalar == "sqrt"
      ? "'sqrt' is a function and cannot be used as a name"
      : "\(kind) names consist of letters, digits and '_' and do not start with a digit, found "
        + typeName
    diagnostics.append(.error(.spec, "name", rule, at: span))
    return nil
  }
}

extension String {
  fileprivate var trimmed: String {
    let characters = drop { $0 == " " }
    return String(
      characters.prefix(
        upTo: characters.lastIndex { $0 != " " }.map { characters.index(after: $0) }
          ?? characters.startIndex))
  }
}
