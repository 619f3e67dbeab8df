import TensorGraph

/// A whole convolution, of all its groups, applied to vectors in row-major order [C, H, W].
extension ConvolutionBlock {
  /// The groups of a convolution with a filter [filters, C/groups, kh, kw].
  static func groups(
    _ window: ConvolutionWindow, _ input: [Int], _ filters: Int, _ elements: [Double]
  ) -> [ConvolutionBlock] {
    guard let outputExtent = window.outputExtent([input[1], input[2]]) else {
      preconditionFailure("a window that does not fit \(input)")
    }
    let share = elements.count / window.groups
    return (0..<window.groups).map { group in
      ConvolutionBlock(
        channels: input[0] / window.groups, filters: filters / window.groups,
        extent: [input[1], input[2]], outputExtent: outputExtent, window: window,
        filter: Array(elements[group * share..<(group + 1) * share]))
    }
  }

  /// Products in one application.
  var applicationCost: Double { Double(rows) * Double(taps.count) * Double(channels) }

  /// A x, or Aᵀ x, group by group.
  static func apply(
    _ blocks: [ConvolutionBlock], to x: [Double], isTransposed: Bool
  ) -> [Double] {
    let share = x.count / blocks.count
    return blocks.enumerated().flatMap { index, block in
      let part = Array(x[index * share..<(index + 1) * share])
      let (from, to) =
        isTransposed ? (block.filters, block.channels) : (block.channels, block.filters)
      let image = channelsLast(part, channels: from)
      let result = isTransposed ? block.adjoint(image) : block.forward(image)
      return channelsFirst(result, channels: to)
    }
  }

  private static func channelsLast(_ x: [Double], channels: Int) -> [Double] {
    let positions = x.count / channels
    return [Double](unsafeUninitializedCapacity: x.count) { result, count in
      for position in 0..<positions {
        for channel in 0..<channels {
          result[position * channels + channel] = x[channel * positions + position]
        }
      }
      count = x.count
    }
  }

  private static func channelsFirst(_ x: [Double], channels: Int) -> [Double] {
    let positions = x.count / channels
    return [Double](unsafeUninitializedCapacity: x.count) { result, count in
      for position in 0..<positions {
        for channel in 0..<channels {
          result[channel * positions + position] = x[position * channels + channel]
        }
      }
      count = x.count
    }
  }
}
