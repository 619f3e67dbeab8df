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
}
