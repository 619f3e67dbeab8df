import Foundation
import MatrixProducts

/// The rate of the kernel behind all matrix products in Double and sums of magnitudes in float32, on one core.
enum ProductRates {
  /// Products of a sum, as in a convolution of 64 channels with 3×3 taps.
  private static let count = 576
  private static let blocks = 11

  static func report() {
    print("products with \(MatrixProduct.instructionSet), one core:")
    print(String(format: "  Double %.1f GFLOP/s, float32 %.1f GFLOP/s", double(), single()))
  }

  private static func double() -> Double {
    rate(of: 0.5) { rows, places, lanes, steps, sums in
      LaneProducts.sums(rows, places, lanes, steps, count: count, into: sums)
    }
  }

  private static func single() -> Double {
    rate(of: Float(0.5)) { rows, places, lanes, steps, sums in
      LaneProducts.sums(rows, places, lanes, steps, count: count, into: sums)
    }
  }

  /// The best of 20 rounds.
  private static func rate<Element: BinaryFloatingPoint>(
    of number: Element,
    _ multiply: (
      UnsafePointer<Element>, [Int32], UnsafePointer<Element>, [Int32],
      UnsafeMutablePointer<Element>
    ) -> Void
  ) -> Double {
    let (height, width) = (LaneProducts.rows, LaneProducts.lanes)
    let rows = Array(repeating: number, count: blocks * count * height)
    let lanes = Array(repeating: number, count: count * width)
    var sums = Array(repeating: number, count: height * width)
    let places = (0..<count).map { Int32($0 * height) }
    let steps = (0..<count).map { Int32($0 * width) }
    let rounds = 40
    let seconds = (0..<20).map { _ in
      let start = ContinuousClock.now
      rows.withUnsafeBufferPointer { rows in
        for _ in 0..<rounds {
          for block in 0..<blocks {
            multiply(
              rows.baseAddress! + block * count * height, places, lanes, steps, &sums)
          }
        }
      }
      return (ContinuousClock.now - start) / .seconds(1)
    }
    let operations = Double(2 * rounds * blocks * count * height * width)
    return operations / (seconds.min() ?? .infinity) / 1e9
  }
}
