import FileFormats
import Testing

/// Properties are scripts of VNN-LIB 1.0.
@Suite struct VNNLIBPropertyTests {
  @Test func theScriptStatesABoxAndItsCounterexamples() {
    let text = VNNLIBProperty.text(
      low: [-0.5, 0], high: [0.25, 1], label: 1, classes: 3, remarks: ["a remark"])
    #expect(
      text == """
        ; a remark

        (declare-const X_0 Real)
        (declare-const X_1 Real)
        (declare-const Y_0 Real)
        (declare-const Y_1 Real)
        (declare-const Y_2 Real)

        (assert (>= X_0 -0.5))
        (assert (<= X_0 0.25))
        (assert (>= X_1 0.0))
        (assert (<= X_1 1.0))

        (assert (or
          (and (>= Y_0 Y_1))
          (and (>= Y_2 Y_1))
        ))

        """)
  }

  /// Numbers read back as they were, and have no exponents.
  @Test(arguments: [
    Float(0), 1, -1, 0.1, 1e-5, -1.5e-7, 1.4e-45, 3.4028235e38, 12_345_678, 1e16, 1.5e20, 0x1p-126,
  ])
  func numbersAreDecimalsWithoutExponents(number: Float) throws {
    let text = VNNLIBProperty.text(
      low: [number], high: [number], label: 0, classes: 2, remarks: [])
    let match = try #require(text.firstMatch(of: /\(assert \(>= X_0 (-?\d+\.\d+)\)\)/))
    #expect(Double(match.1) == Double(number))
  }
}
