import Enclosure

/// The Gram matrix of a convolution, assembled from the products of its taps.
///
/// Two taps k, k′ contribute K_k K_k′ᵀ (output side) or K_kᵀ K_k′ (input side) to every pair of
/// positions that they join through a position of the other side; in the order (h, w, channel) the
/// matrix is banded.
extension ConvolutionBlock {
  var gramShape: GramShape {
    let shapes = [true, false].map { shape(isOutputSide: $0) }
    return shapes[0].factorCost <= shapes[1].factorCost ? shapes[0] : shapes[1]
  }

  func gram() -> GramMatrix {
    let shape = gramShape
    var matrix = BandMatrix(order: shape.order, bandwidth: shape.bandwidth)
    let pairs = (0..<2).map { axis in axisPairs(axis, isOutputSide: shape.isOutputSide) }
    let (heights, widths) = (window.kernel[0], window.kernel[1])
    for kh in 0..<heights {
      for kh2 in 0..<heights {
        let rows = pairs[0][kh * heights + kh2]
        for kw in 0..<widths where !rows.isEmpty {
          for kw2 in 0..<widths {
            let columns = pairs[1][kw * widths + kw2]
            if columns.isEmpty { continue }
            let product = tapProduct(
              taps[kh * widths + kw], taps[kh2 * widths + kw2], shape.isOutputSide)
            add(product, rows, columns, shape.isOutputSide, to: &matrix)
          }
        }
      }
    }
    let inner = shape.isOutputSide ? channels : filters
    let error = AccumulatedError.gamma(inner + taps.count + 2) * magnitude * magnitude
    return GramMatrix(matrix: matrix, error: error + UpperBound(proven: 0x1p-900))
  }

  private func shape(isOutputSide: Bool) -> GramShape {
    let positions = isOutputSide ? outputExtent : extent
    let size = isOutputSide ? filters : channels
    let inner = isOutputSide ? channels : filters
    let reach = (0..<2).map { axis in
      axisPairs(axis, isOutputSide: isOutputSide).joined().reduce(0) { max($0, $1.0 - $1.1) }
    }
    let order = positions[0] * positions[1] * size
    let bandwidth = (reach[0] * positions[1] + reach[1]) * size + size - 1
    let products = Double(taps.count * taps.count * size) * Double(size * inner)
    return GramShape(
      isOutputSide: isOutputSide, order: order, bandwidth: min(bandwidth, max(order - 1, 0)),
      cost: products + Double(order) * Double(bandwidth))
  }

  /// For taps (k, k′) along an axis, at k·kernel + k′: the pairs of positions that they join.
  private func axisPairs(_ axis: Int, isOutputSide: Bool) -> [[(Int, Int)]] {
    let kernel = window.kernel[axis]
    var pairs = Array(repeating: [(Int, Int)](), count: kernel * kernel)
    for k in 0..<kernel {
      for k2 in 0..<kernel {
        if isOutputSide {
          let found = (0..<extent[axis]).compactMap { index -> (Int, Int)? in
            guard let a = target(axis, index, k), let b = target(axis, index, k2) else {
              return nil
            }
            return (a, b)
          }
          pairs[k * kernel + k2] = found
        } else {
          let found = (0..<outputExtent[axis]).compactMap { position -> (Int, Int)? in
            guard let a = source(axis, position, k), let b = source(axis, position, k2) else {
              return nil
            }
            return (a, b)
          }
          pairs[k * kernel + k2] = found
        }
      }
    }
    return pairs
  }

  /// The window whose tap lies on an input index, if any.
  private func target(_ axis: Int, _ index: Int, _ tap: Int) -> Int? {
    let shifted = index + window.paddingLow[axis] - tap * window.dilations[axis]
    guard shifted >= 0, shifted % window.strides[axis] == 0 else { return nil }
    let position = shifted / window.strides[axis]
    return position < outputExtent[axis] ? position : nil
  }

  /// K Lᵀ [M, M] or Kᵀ L [C, C].
  private func tapProduct(_ k: [Double], _ l: [Double], _ isOutputSide: Bool) -> [Double] {
    let size = isOutputSide ? filters : channels
    var product = Array(repeating: 0.0, count: size * size)
    k.withUnsafeBufferPointer { k in
      l.withUnsafeBufferPointer { l in
        product.withUnsafeMutableBufferPointer { out in
          guard let k = k.baseAddress, let l = l.baseAddress, let out = out.baseAddress else {
            return
          }
          if isOutputSide {
            for a in 0..<size {
              for b in 0..<size {
                out[a * size + b] = VectorKernels.dot(k + a * channels, l + b * channels, channels)
              }
            }
          } else {
            for m in 0..<filters {
              for a in 0..<size {
                VectorKernels.add(
                  k[m * channels + a], l + m * channels, to: out + a * size, size)
              }
            }
          }
        }
      }
    }
    return product
  }

  /// Adds a block at every pair of positions in the lower triangle.
  private func add(
    _ product: [Double], _ rows: [(Int, Int)], _ columns: [(Int, Int)], _ isOutputSide: Bool,
    to matrix: inout BandMatrix
  ) {
    let size = isOutputSide ? filters : channels
    let width = isOutputSide ? outputExtent[1] : extent[1]
    let layout = matrix.layout
    product.withUnsafeBufferPointer { product in
      matrix.elements.withUnsafeMutableBufferPointer { elements in
        guard let product = product.baseAddress, let elements = elements.baseAddress else { return }
        for (h, h2) in rows {
          for (w, w2) in columns {
            let (to, from) = (h * width + w, h2 * width + w2)
            guard to >= from else { continue }
            for a in 0..<size {
              let row = to * size + a
              let count = to == from ? a + 1 : size
              VectorKernels.add(
                1, product + a * size, to: elements + layout.offset(row, from * size), count)
            }
          }
        }
      }
    }
  }
}
