import TensorGraph

extension PoolWindow {
  /// The largest number of windows that contain the same element of [H, W].
  ///
  /// Along an axis, element i lies in the windows j with j·s − p ≤ i ≤ j·s − p + k − 1. Moving i down
  /// to the first element of its last window loses none of them, so the best i begins a window J, or is
  /// 0, and the count is min(J, ⌊(k−1)/s⌋) + 1 with J the last window that begins inside; padding less
  /// than the kernel makes both cases agree. Axes multiply because a window is a product of intervals.
  public func largestOverlap(in extent: [Int]) -> Int {
    guard let outputs = outputExtent(extent) else { return 0 }
    return (0..<2).map { axis in
      let lastBegin = (extent[axis] - 1 + paddingLow[axis]) / strides[axis]
      return min(outputs[axis] - 1, lastBegin, (kernel[axis] - 1) / strides[axis]) + 1
    }.reduce(1, *)
  }

  /// The elements of [C, H, W] in each window, in the order of the output; padding is left out.
  public func members(of input: [Int]) -> [[Int]] {
    guard let extent = outputExtent(Array(input[1...])) else { return [] }
    var members: [[Int]] = []
    for channel in 0..<input[0] {
      for h in 0..<extent[0] {
        for w in 0..<extent[1] {
          var inside: [Int] = []
          for y in h * strides[0] - paddingLow[0]..<h * strides[0] - paddingLow[0] + kernel[0] {
            for x in w * strides[1] - paddingLow[1]..<w * strides[1] - paddingLow[1] + kernel[1]
            where (0..<input[1]).contains(y) && (0..<input[2]).contains(x) {
              inside.append((channel * input[1] + y) * input[2] + x)
            }
          }
          members.append(inside)
        }
      }
    }
    return members
  }
}
