import ModelIR
import TensorGraph
import Testing

/// The closed form of the windows over one element against counting them.
struct WindowOverlapTests {
  @Test(arguments: 1...6)
  func closedFormCountsWindows(_ kernel: Int) {
    for stride in 1...4 {
      for low in 0..<kernel {
        for high in 0..<kernel {
          for extent in 1...9 { compare(kernel, stride, low, high, extent) }
        }
      }
    }
  }

  private func compare(_ kernel: Int, _ stride: Int, _ low: Int, _ high: Int, _ extent: Int) {
    let window = PoolWindow(
      kernel: [kernel, 1], strides: [stride, 1], paddingLow: [low, 0], paddingHigh: [high, 0])
    guard let outputs = window.outputExtent([extent, 1]) else { return }
    let counts = (0..<extent).map { element in
      (0..<outputs[0]).count { index in
        (0..<kernel).contains(element - index * stride + low)
      }
    }
    #expect(
      window.largestOverlap(in: [extent, 1]) == counts.max(),
      "\(kernel) \(stride) \(low) \(high) \(extent)")
  }
}
