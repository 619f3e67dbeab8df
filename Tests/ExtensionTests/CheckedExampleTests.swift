import Enclosure
import Testing

@testable import Verifier

/// The example layer in the checker: intervals contain what float32 arithmetic gives.
@Suite struct CheckedExampleTests {
  @Test(arguments: [0.25, 1, 7.5]) func theIntervalsContainTheExecutedValues(
    sharpness: Double
  ) throws {
    let keys = try EntryReader.read(Array("{sharpness: \(sharpness)}".utf8)[...], file: "spec")
    let description = LayerDescription(
      name: "softsign_1", kind: Softsign.kind, keys: keys, inputs: [[3]], weights: [:],
      mostElements: 1 << 20)
    try description.check(Softsign.keys)
    let layer = try Softsign(description)
    #expect(layer.shape == [3])

    let sample: [Float] = [-1.5, 0.1, 3]
    for (index, x) in sample.enumerated() {
      let (low, high) = (Double(x) - 0.125, Double(x) + 0.125)
      let ball = layer.value(Rounded(low: low, high: high, error: 0), at: index).executed
      for moved in [x - 0.125, x - 0.01, x, x + 0.05, x + 0.125] {
        let executed = Double(moved / (1 + abs(moved) * Float(sharpness)))
        #expect(ball.low <= executed && executed <= ball.high)
      }
      let exact = Double(x) / (1 + abs(Double(x)) * sharpness)
      let image = layer.value(Rounded(exactly: Double(x)), at: index)
      #expect(image.low <= exact && exact <= image.high)
    }
  }

  @Test(arguments: ["{sharpness: 0.0625}", "{sharpness: 1, slope: 2}"])
  func otherKeysAreRefused(_ text: String) throws {
    let keys = try EntryReader.read(Array(text.utf8)[...], file: "spec")
    let description = LayerDescription(
      name: "softsign_1", kind: Softsign.kind, keys: keys, inputs: [[3]], weights: [:],
      mostElements: 1 << 20)
    #expect(throws: Refusal.self) { try description.check(Softsign.keys) }
  }
}
