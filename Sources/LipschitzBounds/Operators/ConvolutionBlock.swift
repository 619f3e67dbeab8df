import Enclosure
import MatrixProducts
import TensorGraph

/// One group of a zero-padded convolution (cross-correlation), from C channels of H×W to M filters.
///
/// Vectors are in the order (h, w, channel), in which Gram matrices are banded.
struct ConvolutionBlock: LinearBlock {
  let channels: Int
  let filters: Int
  /// [H, W].
  let extent: [Int]
  /// [H′, W′].
  let outputExtent: [Int]
  /// The geometry; its groups are ignored.
  let window: ConvolutionWindow
  /// By tap, then filter, then channel.
  let taps: [[Double]]
  let magnitude: UpperBound

  /// - Parameter filter: [M, C, kh, kw].
  init(
    channels: Int, filters: Int, extent: [Int], outputExtent: [Int], window: ConvolutionWindow,
    filter: [Double]
  ) {
    let tapCount = window.kernel[0] * window.kernel[1]
    precondition(filter.count == filters * channels * tapCount)
    self.channels = channels
    self.filters = filters
    self.extent = extent
    self.outputExtent = outputExtent
    self.window = window
    var taps = Array(
      repeating: Array(repeating: 0.0, count: filters * channels), count: tapCount)
    var (filterSums, channelSums) = (
      Array(repeating: 0.0, count: filters), Array(repeating: 0.0, count: channels)
    )
    for m in 0..<filters {
      for c in 0..<channels {
        for k in 0..<tapCount {
          let coefficient = filter[(m * channels + c) * tapCount + k]
          taps[k][m * channels + c] = coefficient
          filterSums[m] += coefficient.magnitude
          channelSums[c] += coefficient.magnitude
        }
      }
    }
    self.taps = taps
    magnitude =
      (UpwardSum.bound(filterSums.max() ?? 0, count: channels * tapCount)
      * UpwardSum.bound(channelSums.max() ?? 0, count: filters * tapCount)).squareRoot()
  }

  var rows: Int { filters * outputExtent[0] * outputExtent[1] }
  var columns: Int { channels * extent[0] * extent[1] }
  var terms: Int { max(channels, filters) * taps.count }

  /// The input index of a window's tap along an axis; nil in the padding.
  private func source(_ axis: Int, _ position: Int, _ tap: Int) -> Int? {
    let index =
      position * window.strides[axis] + tap * window.dilations[axis] - window.paddingLow[axis]
    return index >= 0 && index < extent[axis] ? index : nil
  }

  var applicationCost: Double { Double(rows) * Double(taps.count) * Double(channels) }

  var action: LinearAction {
    let action = ConvolutionAction(self)
    return LinearAction(forward: action.forward, adjoint: action.adjoint)
  }

  /// For each tap and axis the element that it reads: k·d − padding = s·shift + phase.
  var tapPlaces: [[(phase: Int, shift: Int)]] {
    taps.indices.map { tap in
      [tap / window.kernel[1], tap % window.kernel[1]].enumerated().map { axis, position in
        let stride = window.strides[axis]
        let reach = position * window.dilations[axis] - window.paddingLow[axis]
        let phase = ((reach % stride) + stride) % stride
        return (phase, (reach - phase) / stride)
      }
    }
  }

  /// Calls `body` with each output position, each input position that it reads, and the index of the tap.
  func forEachRead(_ body: (Int, Int, Int) -> Void) {
    for h in 0..<outputExtent[0] {
      for kh in 0..<window.kernel[0] {
        guard let qh = source(0, h, kh) else { continue }
        for w in 0..<outputExtent[1] {
          for kw in 0..<window.kernel[1] {
            guard let qw = source(1, w, kw) else { continue }
            body(
              h * outputExtent[1] + w, qh * extent[1] + qw, kh * window.kernel[1] + kw)
          }
        }
      }
    }
  }
}

// A convolution with all its groups.
extension ConvolutionBlock {
  /// The groups of a convolution with a filter [filters, C/groups, kh, kw].
  static func groups(
    _ window: ConvolutionWindow, _ input: [Int], _ filters: Int, _ elements: [Double]
  ) -> [ConvolutionBlock] {
    guard let outputExtent = window.outputExtent([input[1], input[2]]) else {
      preconditionFailure("the window does not fit \(input)")
    }
    let share = elements.count / window.groups
    return (0..<window.groups).map { group in
      ConvolutionBlock(
        channels: input[0] / window.groups, filters: filters / window.groups,
        extent: [input[1], input[2]], outputExtent: outputExtent, window: window,
        filter: Array(elements[group * share..<(group + 1) * share]))
    }
  }
}

// The Gram matrix of a convolution, assembled from the products of its taps.
//
// Two taps k, k′ contribute K_k K_k′ᵀ (output side) or K_kᵀ K_k′ (input side) to every pair of positions
// that they connect through a position of the other side. In the order (h, w, channel) the matrix is banded.
extension ConvolutionBlock {
  var gramShape: GramShape {
    let shapes = [true, false].map { shape(isOutputSide: $0) }
    return shapes[0].factorCost <= shapes[1].factorCost ? shapes[0] : shapes[1]
  }

  func gram(_ workers: Workers) -> GramMatrix {
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

  /// For taps (k, k′) along an axis, at index k·kernel + k′, the pairs of positions that they connect.
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

  /// The window whose tap reads an input index, if there is one.
  private func target(_ axis: Int, _ index: Int, _ tap: Int) -> Int? {
    let shifted = index + window.paddingLow[axis] - tap * window.dilations[axis]
    guard shifted >= 0, shifted % window.strides[axis] == 0 else { return nil }
    let position = shifted / window.strides[axis]
    return position < outputExtent[axis] ? position : nil
  }

  /// K Lᵀ [M, M] or Kᵀ L [C, C].
  private func tapProduct(_ k: [Double], _ l: [Double], _ isOutputSide: Bool) -> [Double] {
    let size = isOutputSide ? filters : channels
    let (rowStride, columnStride) = isOutputSide ? (channels, 1) : (1, channels)
    var product = Array(repeating: 0.0, count: size * size)
    k.withUnsafeBufferPointer { k in
      l.withUnsafeBufferPointer { l in
        product.withUnsafeMutableBufferPointer { out in
          guard let k = k.baseAddress, let l = l.baseAddress, let out = out.baseAddress else {
            return
          }
          MatrixProduct.accumulate(
            MatrixView(k, rowStride: rowStride, columnStride: columnStride),
            MatrixView(l, rowStride: rowStride, columnStride: columnStride), rows: size,
            columns: size, inner: isOutputSide ? channels : filters, into: out, stride: size)
        }
      }
    }
    return product
  }

  /// Adds a product at every pair of positions in the lower triangle.
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
