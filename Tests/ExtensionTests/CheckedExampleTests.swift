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
    let image = layer.image(of: [Ball(sample: sample[...], radius: UpperBound(proven: 0.125))])
    for (index, x) in sample.enumerated() {
      for moved in [x - 0.125, x - 0.01, x, x + 0.05, x + 0.125] {
        let executed = Double(moved / (1 + abs(moved) * Float(sharpness)))
        #expect(executed >= image.ballLow[index] - image.errors[index])
        #expect(executed <= image.ballHigh[index] + image.errors[index])
      }
      let exact = Double(x) / (1 + abs(Double(x)) * sharpness)
      #expect(image.sampleLow[index] <= exact && exact <= image.sampleHigh[index])
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
