import TensorGraph

// Types, numbers and texts as MLIR spells them.

extension TensorType {
  /// `tensor<3x4xf32>`.
  var mlir: String { mlir(of: "f32") }

  /// The type with elements of another type.
  func mlir(of element: String) -> String {
    "tensor<\(shape.map { "\($0)x" }.joined())\(element)>"
  }
}

/// `[1, 2]`.
func list(_ numbers: [Int]) -> String {
  "[" + numbers.map(String.init).joined(separator: ", ") + "]"
}

/// Words separated by commas.
func listed(_ words: [String]) -> String { words.joined(separator: ", ") }

/// A name after `@`: in quotes unless it is a word.
func symbol(_ name: String) -> String {
  let isWord = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  return isWord && name.first?.isNumber == false ? name : quoted(name)
}

/// Text in double quotes; what is not printable ASCII as the hexadecimal digits of its bytes.
func quoted(_ text: String) -> String {
  var result = "\""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += "\\" + String(UnicodeScalar(byte))
    case 0x20..<0x7F: result += String(UnicodeScalar(byte))
    default: result += "\\" + hexadecimal(UInt32(byte), digits: 2)
    }
  }
  return result + "\""
}

/// The shortest decimal number that is exactly this one when read as Double and rounded; else its bits.
func number(_ number: Float) -> String {
  let text = number.description
  guard number.isFinite, let read = Double(text), Float(read) == number else {
    return "0x" + hexadecimal(number.bitPattern, digits: 8)
  }
  // A point is required before an exponent.
  guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
  return text[..<exponent] + ".0" + text[exponent...]
}

/// The elements of a constant after `dense`: nested lists, or the bytes where there are many.
func elements(_ numbers: [Float], _ shape: [Int]) -> String {
  if numbers.isEmpty { return "<>" }
  if numbers.count > 64 {
    let bytes = numbers.map { hexadecimal($0.bitPattern.byteSwapped, digits: 8) }
    return "<\"0x\(bytes.joined())\">"
  }
  return "<\(nested(numbers.map(number)[...], shape[...]))>"
}

private func nested(_ words: ArraySlice<String>, _ shape: ArraySlice<Int>) -> String {
  guard let extent = shape.first else { return words.first ?? "" }
  let size = words.count / extent
  let parts = (0..<extent).map { place in
    let start = words.startIndex + place * size
    return nested(words[start..<start + size], shape.dropFirst())
  }
  return "[" + listed(parts) + "]"
}

private func hexadecimal(_ word: UInt32, digits: Int) -> String {
  let text = String(word, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
