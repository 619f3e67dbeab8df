/// The rule for names of specs and layers, which become names of folders and tensors.
public enum SpecName {
  static let rule = "1 to 64 letters, digits, '_', '-' and '.', starting with a letter or digit"

  static func isValid(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
    return isWord(first) && name.utf8.allSatisfy { isWord($0) || others.contains($0) }
  }

  /// The name with every other character replaced, if that is a name.
  public static func mended(_ name: String) -> String? {
    let mended = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) ? $0 : "-" })
    return isValid(mended) ? mended : nil
  }

  private static let others = [UInt8]("_-.".utf8)

  private static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
  }
}
