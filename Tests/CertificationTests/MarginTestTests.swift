import BoundAlgebra
import Enclosure
import Testing

@testable import Certification
@testable import LipschitzBounds
@testable import RoundingAnalysis

/// The margin test certifies nothing that it should not.
@Suite struct MarginTestTests {
  let unit = MarginTest(bounds: .uniform(UpperBound(proven: 2)))

  func certify(
    _ certifier: MarginTest, _ logits: [Float], label: Int, width: Double = 0, error: Double = 0
  ) -> PointCertificate {
    analyze(certifier, logits, label: label, width: width, error: error).certificate
  }

  func analyze(
    _ certifier: MarginTest, _ logits: [Float], label: Int, width: Double = 0, error: Double = 0
  ) -> AnalyzedPoint {
    certifier.certify(
      index: 0, label: label, executed: logits,
      analyzed: analyzed(
        logits.map { Double($0) - width }, logits.map { Double($0) + width }, error: error),
      reach: certifier.reach(label: label, logits))
  }

  func analyzed(
    _ lower: [Double], _ upper: [Double], error: Double = 0
  ) -> AnalyzedOutput {
    .init(
      lower: lower, upper: upper, own: lower.map { _ in UpperBound(proven: error) }, head: nil,
      propagated: .norm(.zero))
  }

  @Test func theRadiusIsTheLeastQuotientRoundedDown() {
    let point = certify(unit, [1, 5, 3], label: 1)
    #expect(point.isCorrect)
    #expect(point.radius.value < 1 && point.radius.value > 1 - 1e-6)
    let margin = point.rival?.margin ?? 0
    #expect(margin < 2 && margin > 2 - 1e-12)
  }

  @Test func eachPairHasItsOwnBound() {
    // Rows 0, 1 and 3 of one feature: distances 1 (from the label) and 2.
    let head = PairwiseHead(
      count: 3,
      [
        .init(
          expression: .norm(.init(.headDistance, "head")),
          values: PairwiseHead.distances([0, 1, 3], count: 3))
      ])
    let point = certify(MarginTest(bounds: .pairwise(head)), [0, 4, 2], label: 1)
    // (4 − 0)/1 = 4 and (4 − 2)/2 = 1.
    #expect(abs(point.radius.value - 1) < 1e-6)
  }

  @Test(arguments: [
    ([2, 2, 1] as [Float], 0), ([0, 0, 0], 0), ([1, 2, 0], 0), ([.nan, 1, 0], 0),
    ([1, .nan, 0], 0), ([.infinity, .infinity, 0], 0), ([0, -0.0, -1], 0), ([0, -0.0, -1], 1),
  ])
  func tiesMistakesAndNaNHaveRadiusZero(logits: [Float], label: Int) {
    #expect(certify(unit, logits, label: label).radius == .zero)
  }

  @Test(arguments: 0..<3, 0..<3)
  func aLogitThatIsNotANumberIsNoPrediction(label: Int, place: Int) {
    var logits: [Float] = [0, 1, 2]
    logits[place] = .nan
    let point = certify(unit, logits, label: label)
    #expect(point.predicted == -1 && !point.isCorrect && point.radius == .zero)
  }

  @Test func anEnclosureThatTouchesHasRadiusZero() {
    #expect(certify(unit, [1, 0], label: 0, width: 0.5).radius == .zero)
    #expect(certify(unit, [1, 0], label: 0, width: 0.49).radius.value > 0)
  }

  @Test func theRivalIsTheClassOfTheLeastRadius() {
    #expect(certify(unit, [9, 0, 5], label: 0).rival?.label == 2)
    #expect(certify(unit, [0, 1, 5], label: 0).rival == nil)
  }

  @Test func anUnknownBoundCertifiesNothing() {
    let certifier = MarginTest(bounds: .uniform(.infinity))
    #expect(certify(certifier, [9, 0], label: 0).radius == .zero)
  }

  @Test func aConstantNetworkIsCertifiedEverywhere() {
    let certifier = MarginTest(bounds: .uniform(.zero))
    let point = certify(certifier, [9, 0], label: 0)
    #expect(point.radius.value == MarginTest.farthest)
  }

  @Test func theErrorsOfBothLogitsAreTakenOffTheMargin() {
    let point = analyze(unit, [5, 1], label: 0, error: 0.5)
    // (5 − 1 − (0.5 + 0.5)·263/256)/2
    let radius = point.certificate.radius.value
    #expect(radius < 1.486328125 && radius > 1.486328125 - 1e-5)
    #expect(point.exactRadius.value < 2 && point.exactRadius.value > 2 - 1e-12)
    #expect(point.error.value == 0.5)
    #expect(certify(unit, [5, 1], label: 0, error: 2).radius == .zero)
    #expect(certify(unit, [5, 1], label: 0, error: .infinity).radius == .zero)
  }

  @Test func noRadiusExceedsTheBallOfTheErrors() {
    let point = unit.certify(
      index: 0, label: 0, executed: [5, 1], analyzed: analyzed([5, 1], [5, 1]),
      reach: UpperBound(proven: 0.25)
    ).certificate
    #expect(point.radius.value == 0.25)
  }

  @Test func theReachLeavesRoomForTheExactLogits() {
    #expect(unit.reach(label: 0, [5, 1]).value > 2)
    #expect(unit.reach(label: 1, [5, 1]) == .zero)
    #expect(unit.reach(label: 0, [.nan, 1]) == .zero)
  }

  @Test func thePredictionIsTheEnginesEvenWhereTheEnclosureDisagrees() {
    let point = unit.certify(
      index: 0, label: 0, executed: [1, 2], analyzed: analyzed([3, 0], [3, 0]),
      reach: UpperBound(proven: 9)
    ).certificate
    #expect(!point.isCorrect && point.radius == .zero)
  }

  @Test func accuracyAtARadiusIsStrict() {
    func point(_ radius: Double, _ predicted: Int) -> PointCertificate {
      PointCertificate(
        index: 0, label: 0, predicted: predicted, radius: LowerBound(proven: radius), rival: nil)
    }
    let summary = RadiusStatistics([point(0.5, 0), point(1, 0), point(0, 1), point(2, 0)])
    #expect(summary.cleanAccuracy == 0.75)
    #expect(summary.certifiedAccuracy(above: 0.5) == 0.5)
    #expect(summary.certifiedAccuracy(above: 0.5.nextDown) == 0.75)
    #expect(summary.medianRadius == 0.5)
    #expect(summary.meanRadius == 0.875)
  }

  @Test func noPointsAreNoAccuracy() {
    let summary = RadiusStatistics([])
    #expect(summary.cleanAccuracy == 0 && summary.medianRadius == 0 && summary.meanRadius == 0)
  }
}
