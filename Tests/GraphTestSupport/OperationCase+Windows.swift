import TensorGraph

extension OperationCase {
  /// Input shape, number of filters, window: what makes convolutions differ.
  private static let convolutionGeometries: [([Int], Int, ConvolutionWindow)] = [
    ([2, 3, 5, 7], 4, ConvolutionWindow(kernel: [3, 3])),
    ([1, 1, 1, 1], 1, ConvolutionWindow(kernel: [1, 1])),
    ([3, 2, 4, 4], 5, ConvolutionWindow(kernel: [1, 1])),
    ([2, 1, 7, 7], 3, square(4, stride: 2, padding: 1)),
    ([1, 3, 8, 6], 2, square(3, stride: 1, padding: 1)),
    ([2, 2, 8, 8], 3, square(3, stride: 2, padding: 0)),
    ([1, 2, 9, 8], 3, square(2, stride: 3, padding: 0)),
    ([2, 2, 7, 9], 2, square(1, stride: 2, padding: 0)),
    ([1, 4, 6, 5], 6, square(3, stride: 1, padding: 1, groups: 2)),
    ([2, 3, 5, 5], 3, square(3, stride: 2, padding: 1, groups: 3)),
    ([1, 3, 5, 5], 6, square(2, stride: 1, padding: 0, groups: 3)),
    ([1, 2, 9, 9], 2, square(3, stride: 1, padding: 2, dilation: 2)),
    ([2, 2, 11, 8], 2, square(3, stride: 2, padding: 1, dilation: 3)),
    (
      [1, 2, 5, 6], 3,
      ConvolutionWindow(
        kernel: [2, 3], strides: [2, 1], paddingLow: [0, 2], paddingHigh: [1, 0],
        dilations: [1, 2])
    ),
    ([2, 3, 4, 4], 2, ConvolutionWindow(kernel: [3, 3], paddingHigh: [2, 2])),
    ([1, 1, 3, 3], 2, square(3, stride: 1, padding: 3)),
    ([2, 3, 1, 9], 4, ConvolutionWindow(kernel: [1, 3], strides: [1, 2])),
    ([0, 2, 4, 4], 3, square(3, stride: 1, padding: 1)),
    ([1, 5, 3, 4], 3, square(3, stride: 1, padding: 1)),
  ]

  /// As above, with more channels and elements than a vector register or a block holds.
  private static let largeConvolutionGeometries: [([Int], Int, ConvolutionWindow)] = [
    ([5, 17, 6, 6], 16, square(3, stride: 1, padding: 1)),
    ([3, 1, 28, 28], 16, square(4, stride: 2, padding: 1)),
    ([2, 16, 14, 14], 32, square(4, stride: 2, padding: 1)),
    ([1, 32, 7, 7], 32, square(3, stride: 1, padding: 1)),
    ([2, 32, 7, 7], 16, square(3, stride: 1, padding: 1, groups: 16)),
    ([2, 24, 9, 9], 40, square(1, stride: 1, padding: 0)),
  ]

  private static func square(
    _ kernel: Int, stride: Int, padding: Int, dilation: Int = 1, groups: Int = 1
  ) -> ConvolutionWindow {
    ConvolutionWindow(
      kernel: [kernel, kernel], strides: [stride, stride], paddingLow: [padding, padding],
      paddingHigh: [padding, padding], dilations: [dilation, dilation], groups: groups)
  }

  static let convolutions = convolutionGeometries.flatMap(convolutionCases)
  static let largeConvolutions = largeConvolutionGeometries.flatMap(convolutionCases)

  private static func convolutionCases(
    _ x: [Int], _ filters: Int, _ window: ConvolutionWindow
  ) -> [OperationCase] {
    let filter = [filters, x[1] / window.groups] + window.kernel
    let y = OperationCase(.convolution(window), [x, filter]).result
    return [
      OperationCase(.convolution(window), [x, filter]),
      OperationCase(.convolutionInputGradient(window), [y, filter], as: x),
      OperationCase(.convolutionFilterGradient(window), [x, y]),
    ]
  }

  /// Input shape and window.
  private static let poolGeometries: [([Int], PoolWindow)] = [
    ([2, 3, 4, 6], PoolWindow(kernel: [2, 2], strides: [2, 2])),
    ([1, 2, 5, 7], PoolWindow(kernel: [2, 2], strides: [2, 2])),
    ([2, 1, 7, 7], PoolWindow(kernel: [3, 3], strides: [2, 2])),
    ([1, 2, 6, 5], PoolWindow(kernel: [3, 2], strides: [1, 1])),
    ([1, 2, 7, 7], PoolWindow(kernel: [2, 2], strides: [3, 3])),
    (
      [2, 2, 6, 6],
      PoolWindow(kernel: [3, 3], strides: [2, 2], paddingLow: [1, 1], paddingHigh: [1, 1])
    ),
    (
      [1, 3, 5, 4],
      PoolWindow(kernel: [2, 3], strides: [2, 1], paddingLow: [0, 2], paddingHigh: [1, 0])
    ),
    ([3, 2, 5, 7], PoolWindow(kernel: [5, 7], strides: [1, 1])),
    ([1, 1, 1, 9], PoolWindow(kernel: [1, 3], strides: [1, 2])),
    ([1, 1, 1, 1], PoolWindow(kernel: [1, 1], strides: [1, 1])),
    ([0, 2, 4, 4], PoolWindow(kernel: [2, 2], strides: [2, 2])),
  ]

  static let sumPools: [OperationCase] = poolGeometries.flatMap { x, window in
    let y = OperationCase(.sumPool(window), [x]).result
    return [
      OperationCase(.sumPool(window), [x]),
      OperationCase(.sumPoolGradient(window), [y], as: x),
    ]
  }

  static let maximumPools: [OperationCase] = poolGeometries.flatMap { x, window in
    let y = OperationCase(.sumPool(window), [x]).result
    return [
      OperationCase(.maxPoolSelect(window), [x, x], [.distinct, .any]),
      OperationCase(.maxPoolScatter(window), [x, y], [.distinct, .any]),
    ]
  }
}
