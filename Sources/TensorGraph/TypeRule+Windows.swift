extension ConvolutionWindow {
  func resultType(_ x: TensorType, _ filter: TensorType) throws(TypeFault) -> TensorType {
    guard isWellFormed, x.rank == 4, filter.rank == 4, Array(filter.shape[2...]) == kernel,
      filter.shape[1] * groups == x.shape[1], filter.shape[0] % groups == 0,
      let extent = outputExtent(Array(x.shape[2...]))
    else { throw TypeFault("convolution of \(x) with \(filter), \(self)") }
    return TensorType([x.shape[0], filter.shape[0]] + extent)
  }
}

extension PoolWindow {
  func resultType(_ x: TensorType) throws(TypeFault) -> TensorType {
    guard isWellFormed, x.rank == 4, let extent = outputExtent(Array(x.shape[2...])) else {
      throw TypeFault("pool of \(x), \(self)")
    }
    return TensorType([x.shape[0], x.shape[1]] + extent)
  }
}

extension ConvolutionWindow {
  /// Two extents each, positive where a step or an extent must be.
  var isWellFormed: Bool {
    groups > 0 && [kernel, strides, dilations].allSatisfy { $0.count == 2 && $0.min()! > 0 }
      && [paddingLow, paddingHigh].allSatisfy { $0.count == 2 && $0.min()! >= 0 }
  }
}

extension PoolWindow {
  /// Two extents each, positive where a step or an extent must be.
  var isWellFormed: Bool {
    [kernel, strides].allSatisfy { $0.count == 2 && $0.min()! > 0 }
      && [paddingLow, paddingHigh].allSatisfy { $0.count == 2 && $0.min()! >= 0 }
  }

  /// The type of a maximum, which needs an element in every window: less padding than kernel.
  func maximumResultType(_ x: TensorType) throws(TypeFault) -> TensorType {
    let result = try resultType(x)
    guard (0..<2).allSatisfy({ max(paddingLow[$0], paddingHigh[$0]) < kernel[$0] }),
      x.shape[2] > 0, x.shape[3] > 0
    else { throw TypeFault("maximum pool of \(x) with windows in the padding alone, \(self)") }
    return result
  }
}
