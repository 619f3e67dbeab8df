import Enclosure
import TensorGraph
import Testing

/// Numbers at every corner of the format, and seeded ones of all magnitudes.
private let corners: [Double] = [
  0, 1, 3, 0.1, 1 / 3.0, .pi, 0x1p-1074, 0x1.8p-1073, .leastNormalMagnitude, 1e-160, 1e-300,
  0x1p-970, 0x1.123p-540, 1e154, 1.3e154, 1e300, .greatestFiniteMagnitude,
]

private func seeded(_ seed: UInt64, _ count: Int) -> [Double] {
  (0..<count).map { index in
    let bits = CounterRandom.bits(stream: seed, counter: 0, index: UInt64(index))
    let value = Double(bitPattern: bits & 0x7FFF_FFFF_FFFF_FFFF)
    return value.isFinite ? value : 1
  }
}

private let operands = corners + seeded(7, 60)

/// Compares x with a·b exactly, by splitting into integers of 53 bits and a common exponent.
private func isAtLeastProduct(_ x: Double, _ a: Double, _ b: Double) -> Bool {
  if a == 0 || b == 0 { return x >= 0 }
  if x.isInfinite { return true }
  if x == 0 { return false }
  let product = integerSignificand(a).multipliedFullWidth(by: integerSignificand(b))
  let exponent = integerExponent(a) + integerExponent(b)
  return compare(integerSignificand(x), integerExponent(x), product, exponent) >= 0
}

private func integerSignificand(_ x: Double) -> UInt64 {
  x.isNormal ? x.significandBitPattern | 1 << 52 : x.significandBitPattern
}

private func integerExponent(_ x: Double) -> Int {
  x.isNormal ? Int(x.exponentBitPattern) - 1075 : -1074
}

/// The sign of s·2^e − p·2^f for a 53-bit s and a 106-bit p.
private func compare(
  _ s: UInt64, _ e: Int, _ p: (high: UInt64, low: UInt64), _ f: Int
) -> Int {
  func bits(_ high: UInt64, _ low: UInt64) -> Int {
    high > 0 ? 128 - high.leadingZeroBitCount : 64 - low.leadingZeroBitCount
  }
  let (left, right) = (bits(0, s) + e, bits(p.high, p.low) + f)
  if left != right { return left < right ? -1 : 1 }
  var (high, low) = (UInt64(0), s)
  for _ in 0..<max(0, bits(p.high, p.low) - bits(0, s)) {
    high = high << 1 | low >> 63
    low <<= 1
  }
  var (otherHigh, otherLow) = p
  for _ in 0..<max(0, bits(0, s) - bits(p.high, p.low)) {
    otherHigh = otherHigh << 1 | otherLow >> 63
    otherLow <<= 1
  }
  if high != otherHigh { return high < otherHigh ? -1 : 1 }
  return low == otherLow ? 0 : low < otherLow ? -1 : 1
}

@Suite struct DirectedRoundingTests {
  @Test func productsEncloseTheExactProductTightly() {
    for a in operands {
      for b in operands {
        let (up, down) = (DirectedRounding.multiplyUp(a, b), DirectedRounding.multiplyDown(a, b))
        #expect(isAtLeastProduct(up, a, b), "\(a) · \(b) up")
        #expect(up.isInfinite || down == up || down.nextUp >= up.nextDown, "\(a) · \(b) width")
        // −down is the upper end for (−a)·b, so down ≤ a·b unless the next number below fails too.
        #expect(down == 0 || !isAtLeastProduct(down.nextDown, a, b), "\(a) · \(b) down")
        #expect(up == down || !isAtLeastProduct(down, a, b), "\(a) · \(b) down is too high")
      }
    }
  }

  @Test func quotientsTimesDivisorEncloseTheDividend() {
    for a in operands {
      for b in operands where b > 0 {
        let (up, down) = (DirectedRounding.divideUp(a, b), DirectedRounding.divideDown(a, b))
        if up.isFinite { #expect(DirectedRounding.multiplyUp(up, b) >= a, "\(a) / \(b)") }
        #expect(DirectedRounding.multiplyDown(down, b) <= a, "\(a) / \(b)")
        #expect(down <= a / b && a / b <= up)
        #expect(down == up || down.nextUp.nextUp >= up || up.isInfinite)
      }
    }
  }

  @Test func rootsSquaredEncloseTheRadicand() {
    for a in operands {
      let (up, down) = (DirectedRounding.squareRootUp(a), DirectedRounding.squareRootDown(a))
      #expect(DirectedRounding.multiplyUp(up, up) >= a, "√\(a)")
      #expect(DirectedRounding.multiplyDown(down, down) <= a, "√\(a)")
      #expect(down <= up && down.nextUp.nextUp >= up)
    }
    #expect(DirectedRounding.squareRootUp(4) == 2)
    #expect(DirectedRounding.squareRootDown(9) == 3)
  }

  @Test func sumsAreExactOrOneStepAway() {
    for a in operands {
      for b in operands {
        for (a, b) in [(a, b), (a, -b)] {
          let (up, down) = (DirectedRounding.addUp(a, b), DirectedRounding.addDown(a, b))
          #expect(down <= up)
          #expect(up == down || up.isInfinite || up == down.nextUp, "\(a) + \(b)")
          // Float80 would be exact only for near exponents; the larger operand is the check here.
          if b >= 0 { #expect(up >= a && up >= b) } else { #expect(down <= a) }
        }
      }
    }
    #expect(DirectedRounding.addUp(1, 0x1p-60) == 1.0.nextUp)
    #expect(DirectedRounding.addDown(1, -0x1p-60) == 1.0.nextDown)
    #expect(DirectedRounding.addDown(1, 0x1p-60) == 1)
  }

  @Test func overflowKeepsTheDirection() {
    let most = Double.greatestFiniteMagnitude
    #expect(DirectedRounding.addUp(most, most) == .infinity)
    #expect(DirectedRounding.addDown(most, most) == most)
    #expect(DirectedRounding.multiplyUp(most, 2) == .infinity)
    #expect(DirectedRounding.multiplyDown(most, 2) == most)
    #expect(DirectedRounding.divideDown(most, 0.5) == most)
    #expect(DirectedRounding.divideUp(1, 0) == .infinity)
    #expect(DirectedRounding.divideUp(0, 0).isNaN)
  }

  @Test func boundsTurnNaNIntoNothingKnown() {
    #expect(UpperBound.zero * .infinity == .infinity)
    #expect(UpperBound(proven: .nan) == .infinity)
    #expect(UpperBound(proven: -1) == .infinity)
    #expect(UpperBound.one / .zero == .infinity)
    #expect(LowerBound(proven: .infinity) == .zero)
    #expect(LowerBound.one / .infinity == .zero)
    #expect(LowerBound(proven: 1).reduced(by: .infinity) == .zero)
    #expect(
      (LowerBound(proven: 1e300) * LowerBound(proven: 1e300)).value == .greatestFiniteMagnitude)
  }

  @Test(arguments: [(1, 3), (2, 3), (.max, 1), (.max, .max), (1, .max), (.max - 1, 3), (0, 5)])
  func ratiosAreEnclosed(_ numerator: Int, _ denominator: Int) {
    let up = UpperBound(ratio: numerator, denominator)
    let down = LowerBound(ratio: numerator, denominator)
    #expect(Float80(up.value) * Float80(denominator) >= Float80(numerator))
    #expect(Float80(down.value) * Float80(denominator) <= Float80(numerator))
    #expect(up.value <= down.value * (1 + 1e-15))
  }
}
