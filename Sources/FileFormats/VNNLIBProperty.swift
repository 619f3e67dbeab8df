/// A property of a classifier in the format VNN-LIB 1.0: an SMT-LIB script whose satisfying assignments are the
/// counterexamples.
public enum VNNLIBProperty {
  /// The text of the property that a class does not change within a box.
  ///
  /// `X_i` are the elements of an input in row-major order, `Y_j` the logits. A counterexample is an input in the box
  /// for which another logit is at least that of the class. The decimals of limits are the shortest that read back as
  /// the same number in binary64, written without exponents.
  ///
  /// - Parameters:
  ///   - low: the least value of each element, finite.
  ///   - high: the largest value of each element, finite.
  ///   - label: the class, below `classes`.
  ///   - remarks: lines of the comment at the beginning.
  public static func text(
    low: [Float], high: [Float], label: Int, classes: Int, remarks: [String]
  ) -> String {
    var lines = remarks.map { "; \($0)" } + [""]
    lines += low.indices.map { "(declare-const X_\($0) Real)" }
    lines += (0..<classes).map { "(declare-const Y_\($0) Real)" } + [""]
    for (index, (low, high)) in zip(low, high).enumerated() {
      lines.append("(assert (>= X_\(index) \(number(low))))")
      lines.append("(assert (<= X_\(index) \(number(high))))")
    }
    let others = (0..<classes).filter { $0 != label }.map { "  (and (>= Y_\($0) Y_\(label)))" }
    lines += ["", "(assert (or"] + others + ["))", ""]
    return lines.joined(separator: "\n")
  }

  /// A decimal without an exponent.
  private static func number(_ value: Float) -> String {
    let text = "\(Double(value).magnitude)"
    let sign = value < 0 ? "-" : ""
    let parts = text.split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return sign + text }
    let mantissa = parts[0].split(separator: ".")
    let fraction = mantissa.count == 2 && mantissa[1] != "0" ? mantissa[1] : ""
    let (digits, point) = (mantissa[0] + fraction, mantissa[0].count + exponent)
    if point <= 0 { return "\(sign)0.\(String(repeating: "0", count: -point))\(digits)" }
    let zeros = String(repeating: "0", count: max(0, point - digits.count))
    let whole = (digits + zeros).prefix(point)
    let rest = digits.dropFirst(point)
    return "\(sign)\(whole).\(rest.isEmpty ? "0" : rest)"
  }
}
