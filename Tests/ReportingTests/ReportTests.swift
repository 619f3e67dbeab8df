import Diagnostics
import TensorGraph
import Testing

@testable import Reporting
@testable import Training

/// What people read: numbers keep their direction, tables line up.
@Suite struct ReportTests {
  @Test(arguments: 0..<200 as Range<UInt64>)
  func printedBoundsStayBounds(seed: UInt64) {
    let uniform = CounterRandom.uniform(stream: 7, counter: seed, index: 0)
    let exponent = Int(seed % 24) - 12
    let number = (uniform + 0.1) * Double(sign: .plus, exponent: exponent * 3, significand: 1)
    let up = Double(NumberText.significant(number, .up))!
    let down = Double(NumberText.significant(number, .down))!
    #expect(up >= number && down <= number)
    #expect((up - down) <= 3e-3 * number)
  }

  @Test func specialNumbersAreReadable() {
    #expect(NumberText.significant(.infinity) == "∞")
    #expect(NumberText.significant(.nan) == "nan")
    #expect(NumberText.significant(0) == "0")
    #expect(NumberText.significant(1.02345) == "1.023")
    #expect(NumberText.percent(0.9666) == "96.7%")
    #expect(NumberText.percentDown(9996, of: 10_000) == "99.9%")
    #expect(NumberText.percentDown(457, of: 500) == "91.4%")
    #expect(NumberText.percentDown(0, of: 0) == "0.0%")
    #expect(NumberText.grouped(166_406) == "166,406")
    #expect(NumberText.grouped(12) == "12")
  }

  @Test func columnsLineUp() {
    var table = Table([("name", .left), ("count", .right)])
    table.append(["a", "1"])
    table.append(["longer", "10000000"])
    #expect(
      table.text == """
          name       count
          ──────  ────────
          a              1
          longer  10000000
        """)
  }

  @Test func theProgressLineSaysWhatMatters() {
    let progress = Trainer.Progress(
      step: 30, stepsPerEpoch: 20, loss: 0.5, accuracy: 0.75, lipschitz: 12.34, marginWeight: 1,
      learningRate: 1e-3)
    let bar = ProgressBar(total: 40, firstStep: 0, style: .hidden)
    let notes = bar.notes(for: progress)
    let text = bar.text(done: 30, notes: notes, elapsed: 30, columns: 199)
    for part in ["epoch 2/2", "loss 0.5", "accuracy 75.0%", "L ≈ 12.34", "c 1.000", "0:10 left"] {
      #expect(text.contains(part), "\(text) lacks \(part)")
    }
    #expect(
      bar.line(done: 30, notes: notes, elapsed: 30)
        == "epoch 2/2  loss 0.5000  accuracy 75.0%  L ≈ 12.34  c 1.000  0:10 left")
    for columns in [0, 5, 39, 59, 79, 199] {
      let line = bar.text(done: 30, notes: notes, elapsed: 30, columns: columns)
      #expect(line.count <= columns)
      if columns >= 39 { #expect(line.contains("epoch 2/2") && line.contains("0:10 left")) }
      if columns >= 79 { #expect(line.contains("accuracy 75.0%")) }
    }
  }

  /// What is done counts from where a phase began, also after another phase.
  @Test func aBarServesPhaseAfterPhase() {
    var bar = ProgressBar(total: 7, firstStep: 5, style: .hidden)
    bar.restart(total: 40, firstStep: 0)
    let text = bar.text(
      done: 10, notes: ["attack pgd  10 of 40"], elapsed: 5, columns: 79)
    #expect(text == "█████░░░░░░░░░░░░░░░  attack pgd  10 of 40  0:15 left")
    #expect(bar.text(done: 0, notes: [], elapsed: 5, columns: 79).hasSuffix("0:00 left"))
  }
}
