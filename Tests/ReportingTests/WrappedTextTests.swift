import Testing

@testable import Reporting

/// Lines of limited width.
struct WrappedTextTests {
  @Test(arguments: [40, 61, 80, 200])
  func wordsStayInOrderWithinTheWidth(_ width: Int) {
    let words = (0..<200).map { String(repeating: "x", count: $0 * 7 % 19 + 1) }
    var out = WrappedText(width: width)
    out.markdown(words.joined(separator: " "), indentation: 3)
    #expect(out.text.split(whereSeparator: \.isWhitespace).map(String.init) == words)
    let lines = out.text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width && $0.hasPrefix("   x") })
    // Each line is full: the next word would not have fitted.
    for (line, next) in zip(lines, lines.dropFirst()) {
      let word = next.dropFirst(3).prefix { $0 != " " }
      #expect(line.count + 1 + word.count > width)
    }
  }

  @Test func listsHangAndBlocksStay() {
    var out = WrappedText(width: 40)
    let long = String(repeating: "word ", count: 9)
    out.markdown("One\nline.\n\n- \(long)\n  end\n- b\n\n      kept   as it is", indentation: 2)
    #expect(
      out.text == """
          One line.

          - word word word word word word word
            word word end
          - b

                kept   as it is

        """)
  }

  @Test func aWordWiderThanTheLineStandsAlone() {
    var out = WrappedText(width: 1)
    out.paragraph("a \(String(repeating: "y", count: 60)) b", indentation: 0, hanging: 0)
    #expect(out.text.split(separator: "\n").map(\.count) == [1, 60, 1])
  }
}
