import Certification
import Testing

/// Boxes lie in their balls, and no larger ones with float32 limits do.
@Suite struct InscribedBoxTests {
  @Test(arguments: [0.3, 1e-6, 1e-3, 2, 1e30], [1, 2, 3, 784])
  func limitsAreTheOutermostInside(radius: Double, count: Int) throws {
    let sample = (0..<count).map { Float($0 % 7) * 0.3 - 0.7 }
    let box = try #require(InscribedBox(around: sample, radius: radius))
    let halfWidth = radius / Double(count).squareRoot()
    for (x, (low, high)) in zip(sample, zip(box.low, box.high)) {
      #expect(low <= x && x <= high)
      // Sums and differences of these numbers are rounded by less than a part of 2⁻⁵².
      let slack = 0x1p-51 * (halfWidth + abs(Double(x)))
      #expect(Double(high) < Double(x) + halfWidth && Double(low) > Double(x) - halfWidth)
      #expect(Double(high.nextUp) >= Double(x) + halfWidth - slack)
      #expect(Double(low.nextDown) <= Double(x) - halfWidth + slack)
    }
  }

  @Test func theCornersAreInTheBall() throws {
    for radius in [0.1, 0.7, 5.0] {
      let box = try #require(InscribedBox(around: [0, 0, 0, 0].map(Float.init), radius: radius))
      #expect(box.low == box.high.map { -$0 })
      // Squares of float32 numbers and the sum of four equal ones are exact.
      let corner = box.high.map { Double($0) * Double($0) }.reduce(0, +)
      #expect(corner < radius * radius)
    }
  }

  @Test func radiiBelowTheSpacingHaveNoBox() {
    #expect(InscribedBox(around: [1 as Float], radius: 1e-20) == nil)
    #expect(InscribedBox(around: [0 as Float], radius: 1e-20) != nil)
  }
}
