import Enclosure
import MatrixProducts

/// What is known about a layer's output in each lane, once all its elements have been computed.
///
/// m is the known middle, y(x) the exact output at the sample, y(x′) that at an input of the ball and ŷ the
/// executed one there.
struct LayerErrors {
  /// At least ‖m − y(x)‖.
  let offset: [UpperBound]
  /// At least the norm of what the layer itself adds to that.
  let halves: [UpperBound]
  /// At least the norm of the part of ŷ − y(x′) that is not carried element by element.
  let euclidean: [UpperBound]
  /// At least ‖ŷ − y(x′)‖.
  let total: [UpperBound]
  /// At least the distances of ŷ and y(x′) from m.
  let distances: [UpperBound]
  /// At least the norm of the error that is launched here: of all that no later layer carries on.
  ///
  /// A launched error reaches the logits by the bound of the rest of the network.
  let launched: [UpperBound]

  /// The input: exact, anywhere in a ball.
  init(input radii: [UpperBound]) {
    let zero = radii.map { _ in UpperBound.zero }
    (offset, halves, euclidean, total, launched) = (zero, zero, zero, zero, zero)
    distances = radii
  }

  /// A layer's output.
  ///
  /// - Parameters:
  ///   - radii: of the balls around the samples.
  ///   - operands: with whether the error of each is carried on element by element.
  ///   - sums: of the squares of the half-widths of the center and of the carried errors.
  ///   - growth: at least the norm of the growth of the layer's sum, if it is not among the carried errors.
  ///   - parts: of a step along a gradient, with their gains.
  init(
    _ layer: AnalyzedLayer, radii: [UpperBound],
    operands: [(errors: LayerErrors, isCarried: Bool)], sums: LayerSums, growth: [UpperBound],
    parts: [(errors: LayerErrors, gain: UpperBound)], isCarried: Bool
  ) {
    let carried = sums.carried.array.map { BallEnclosure.root(ofSum: $0, terms: sums.count) }
    let joint = parts.reduce(growth) { sums, part in
      zip(sums, part.errors.launched).map { $0 + part.gain * $1 }
    }
    halves = parts.reduce(
      sums.halves.array.map { BallEnclosure.root(ofSum: $0, terms: sums.count) }
    ) { sums, part in zip(sums, part.errors.halves).map { $0 + part.gain * $1 } }
    offset = zip(layer.propagate(operands.map(\.errors.offset)), halves).map { $0 + $1 }
    let incoming = layer.propagate(
      operands.map { operand in
        operand.isCarried ? operand.errors.euclidean : operand.errors.total
      })
    let euclidean = zip(incoming, joint).map { $0 + $1 }
    total = zip(euclidean, carried).map { $0 + $1 }
    self.euclidean = isCarried ? euclidean : total
    launched = isCarried ? joint : zip(joint, carried).map { $0 + $1 }
    distances = radii.indices.map { [total, offset] lane in
      layer.constant.times(radii[lane]) + total[lane] + offset[lane]
    }
  }
}

/// Sums over the elements of a layer's output, for each lane.
struct LayerSums {
  /// The number of elements.
  let count: Int
  /// Squares of the half-widths of the center.
  let halves = LaneMemory(Array(repeating: 0, count: LaneProducts.lanes))
  /// Squares of the errors.
  let carried = LaneMemory(Array(repeating: 0, count: LaneProducts.lanes))

  init(count: Int) { self.count = count }

  /// Adds the squares of the elements of a tile.
  func add(halves half: [Double], carried error: [Double]) {
    Self.add(half, to: halves.start)
    Self.add(error, to: carried.start)
  }

  private static func add(_ elements: [Double], to sums: UnsafeMutablePointer<Double>) {
    let lanes = LaneProducts.lanes
    elements.withUnsafeBufferPointer { elements in
      for first in stride(from: 0, to: elements.count, by: lanes) {
        for l in 0..<lanes { sums[l] += elements[first + l] * elements[first + l] }
      }
    }
  }
}

extension AnalyzedLayer {
  /// Bounds the norm of the change of the output by those of its operands, in each lane.
  fileprivate func propagate(_ operands: [[UpperBound]]) -> [UpperBound] {
    operands[0].indices.map { lane in
      switch propagation {
      case .lipschitz(let constant), .matrix(_, norm: let constant), .elementwise(let constant),
        .gradientStep(let constant, _):
        constant.times(operands[0][lane])
      case .sum:
        operands.reduce(UpperBound.zero) { $0 + $1[lane] }
      case .concatenation:
        operands.reduce(UpperBound.zero) { $0 + $1[lane] * $1[lane] }.squareRoot()
      }
    }
  }

  /// Bounds what an error becomes in an elementwise layer with a constant, whose results have the given range.
  ///
  /// If the range is a point, as for a rectifier below 0, no error is carried on.
  @inline(__always)
  static func carry(_ error: Lanes, constant: Double, through range: Ends) -> Lanes {
    let (most, width) = (
      LaneBall.raised(constant * error), LaneBall.raised(range.upper - range.lower)
    )
    return .select(width, isLessThan: most, width, else: most)
  }

  /// Bounds the error of every element of the output: what the layer adds, and what it carries on of its
  /// operands' errors.
  ///
  /// - Parameters:
  ///   - result: the output with the errors that the layer itself makes. Its range contains the exact
  ///     function's values for the executed operands and for the exact ones.
  ///   - operands: the errors of the operands that are carried on.
  func carry(_ operands: [[Double]], result: RoundedTensor) -> [Double] {
    switch propagation {
    case .lipschitz, .matrix, .concatenation, .gradientStep:
      return result.error
    case .elementwise(let constant):
      guard let incoming = operands.first else { return result.error }
      let lanes = result.exact.lanes
      let (ends, errors) = (EndsReader(result.exact), LaneReader(incoming, lanes: lanes))
      let own = LaneReader(result.error, lanes: lanes)
      return LaneLoop.fill(result.exact.type.count, lanes: lanes) { i, lane in
        Self.carry(errors[i, lane], constant: constant.value, through: ends[i, lane])
          + own[i, lane]
      }
    case .sum:
      return operands.reduce(result.error) { sum, error in LaneLoop.map(sum, error) { $0 + $1 } }
    }
  }
}

extension UpperBound {
  /// The product; 0 if the distance is 0, even if the other factor is ∞.
  fileprivate func times(_ distance: UpperBound) -> UpperBound {
    distance == .zero ? .zero : self * distance
  }
}
