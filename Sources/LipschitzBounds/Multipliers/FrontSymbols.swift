import Enclosure
import MatrixProducts
import ModelIR
import TensorGraph

/// The maps of a ``ConvolutionalFront`` at each frequency of its torus, in real form: a complex vector is that of
/// its real parts followed by that of its imaginary ones.
///
/// Each part of an element is a sum of one number for each tap, or for the reading matrix for each cell, times a
/// cosine or a sine that is within 2⁻⁴⁷ of the exact one.
struct FrontSymbols: Sendable {
  /// A convolution, multiplied by the largest slope of its activation.
  private struct Stage: Sendable {
    /// By tap, then filter, then channel of a group.
    let taps: [[[Double]]]
    let window: ConvolutionWindow
    /// Σ over taps of magnitudes, [elements of a cell, those of the one before].
    let magnitudes: [Double]
    let slope: Double
  }

  let torus: FrontTorus
  /// The reading matrix [outputs, elements of the last image].
  private let reading: [Double]
  private let lastExtent: [Int]
  private let stages: [Stage]
  let outputs: Int
  /// Bounds the norm of the error of the reading matrix.
  private let readingError: UpperBound

  /// Nil if a number is not finite or far from 1.
  init?(_ front: ConvolutionalFront, _ weights: (String) -> [Float], _ workers: Workers) {
    guard let torus = FrontTorus(front),
      let reading = Self.product(of: front.reading, outputs: front.outputs, weights, workers)
    else { return nil }
    var stages: [Stage] = []
    for (index, stage) in front.stages.enumerated() {
      guard let stage = Self.stage(stage, torus, index, weights) else { return nil }
      stages.append(stage)
    }
    guard let last = front.stages.last?.convolution.outputShape, last.count == 3 else { return nil }
    (self.torus, self.stages, outputs) = (torus, stages, front.outputs)
    (self.reading, readingError, lastExtent) = (reading.elements, reading.error, Array(last[1...]))
  }

  /// The product of the linear layers after the last activation, row-major.
  private static func product(
    of maps: [LinearOperator], outputs: Int, _ weights: (String) -> [Float], _ workers: Workers
  ) -> (elements: [Double], error: UpperBound)? {
    var product = ExplicitMatrix(identity: outputs, workers)
    for map in maps.reversed() {
      guard let layer = WeightedOperator(map, weights: weights),
        let next = product.times(layer, isTransposed: false, workers)
      else { return nil }
      product = next
    }
    guard abs(product.exponent) < 100 else { return nil }
    return (product.elements, product.error.scaled(byPowerOfTwo: product.exponent))
  }

  private static func stage(
    _ stage: ConvolutionalFront.Stage, _ torus: FrontTorus, _ index: Int,
    _ weights: (String) -> [Float]
  ) -> Stage? {
    guard
      case .convolution(let weight, let window, let input, let filters) = stage.convolution.form,
      let scaled = ScaledNumbers(weights(weight).map(Double.init)), abs(scaled.exponent) < 100
    else { return nil }
    let factor = Double(sign: .plus, exponent: scaled.exponent, significand: 1)
    let taps = ConvolutionBlock.groups(window, input, filters, scaled.values).map { block in
      block.taps.map { $0.map { $0 * factor } }
    }
    let (from, to) = (torus.levels[index], torus.levels[index + 1])
    var magnitudes = Array(repeating: 0.0, count: from.count * to.count)
    for read in torus.reads(window, stage: index) {
      forEachElement(taps, read, from, to) { row, column, value in
        magnitudes[row * from.count + column] += value.magnitude
      }
    }
    return Stage(
      taps: taps, window: window, magnitudes: magnitudes, slope: stage.slope.upper.value)
  }

  /// Calls `body` with the row, the column and the coefficient of every element of a tap.
  private static func forEachElement(
    _ taps: [[[Double]]], _ read: FrontTorus.Read, _ from: FrontTorus.Level,
    _ to: FrontTorus.Level, _ body: (Int, Int, Double) -> Void
  ) {
    let (filters, channels) = (to.channels / taps.count, from.channels / taps.count)
    for (group, taps) in taps.enumerated() {
      for m in 0..<filters {
        let row = to.index(group * filters + m, read.output[0], read.output[1])
        for c in 0..<channels {
          let column = from.index(group * channels + c, read.input[0], read.input[1])
          body(row, column, taps[read.tap][m * channels + c])
        }
      }
    }
  }

  /// The largest slope of the activation after a convolution.
  func slope(_ stage: Int) -> Double { stages[stage].slope }

  /// The convolution at a frequency, [2·rows, 2·columns] row-major.
  func map(_ stage: Int, at frequency: (Int, Int)) -> [Double] {
    let (from, to) = (torus.levels[stage], torus.levels[stage + 1])
    let width = 2 * from.count
    var elements = Array(repeating: 0.0, count: 2 * to.count * width)
    for read in torus.reads(stages[stage].window, stage: stage) {
      let wave = torus.wave(frequency, read.cell)
      Self.forEachElement(stages[stage].taps, read, from, to) { row, column, value in
        elements[row * width + column] += value * wave.real
        elements[row * width + from.count + column] -= value * wave.imaginary
      }
    }
    for row in 0..<to.count {
      for column in 0..<from.count {
        let place = (to.count + row) * width + column
        elements[place] = -elements[row * width + from.count + column]
        elements[place + from.count] = elements[row * width + column]
      }
    }
    return elements
  }

  /// What the reading matrix makes of the last image at a frequency, [outputs, 2·elements of a cell] row-major.
  ///
  /// Only the real part counts, since outputs are real.
  func rows(at frequency: (Int, Int)) -> [Double] {
    let level = torus.levels[torus.levels.count - 1]
    let area = lastExtent[0] * lastExtent[1]
    let width = 2 * level.channels
    var elements = Array(repeating: 0.0, count: outputs * width)
    let waves = (0..<area).map {
      torus.wave(frequency, [$0 / lastExtent[1], $0 % lastExtent[1]])
    }
    for row in 0..<outputs {
      for channel in 0..<level.channels {
        let first = (row * level.channels + channel) * area
        var (real, imaginary) = (0.0, 0.0)
        for (place, wave) in waves.enumerated() {
          real += reading[first + place] * wave.real
          imaginary += reading[first + place] * wave.imaginary
        }
        elements[row * width + channel] = real
        elements[row * width + level.channels + channel] = -imaginary
      }
    }
    return elements
  }
}

extension FrontSymbols {
  /// Bounds the spectral norm of what the errors of elements make of the symmetric matrix whose blocks below the
  /// diagonal are the maps, if rows and columns are multiplied by factors.
  ///
  /// - Parameters:
  ///   - rows: by level, the factors of the rows of the map that ends there; the last are those of the outputs.
  ///   - columns: by level, the factors of columns.
  func error(rows: [[Double]], columns: [[Double]]) -> UpperBound {
    var sums = torus.levels.map { Array(repeating: 0.0, count: $0.count) }
    var terms = 0
    for (index, stage) in stages.enumerated() {
      let (from, to) = (torus.levels[index], torus.levels[index + 1])
      terms = max(terms, stage.window.kernel[0] * stage.window.kernel[1])
      for i in 0..<to.count {
        for j in 0..<from.count {
          let size =
            2 * rows[index][i] * stage.magnitudes[i * from.count + j] * columns[index][j]
          sums[index + 1][i] += size
          sums[index][j] += size
        }
      }
    }
    let last = torus.levels.count - 1
    let (channels, area) = (torus.levels[last].channels, lastExtent[0] * lastExtent[1])
    var largest = 0.0
    for i in 0..<outputs {
      var sum = 0.0
      for j in 0..<channels {
        let first = (i * channels + j) * area
        let magnitude = reading[first..<first + area].reduce(0) { $0 + $1.magnitude }
        let size = 2 * rows[last][i] * magnitude * columns[last][j]
        sums[last][j] += size
        sum += size
      }
      largest = max(largest, sum)
    }
    largest = sums.joined().reduce(largest, max)
    let relative =
      UpperBound(proven: 0x1p-45) + UpperBound(proven: 2)
      * AccumulatedError.gamma(max(terms, area) + 8)
    let factors = (rows[last].max() ?? 0) * (columns[last].max() ?? 0)
    return relative * UpperBound(proven: largest * (1 + 0x1p-20)) + UpperBound(proven: 0x1p-900)
      + UpperBound(proven: factors.nextUp) * UpperBound(integer: area).squareRoot() * readingError
  }
}

extension ExplicitMatrix {
  /// The elements with the exponent applied, row-major.
  fileprivate var elements: [Double] {
    let transposed = transposedElements
    var result = transposed
    for i in 0..<rows {
      for j in 0..<columns { result[i * columns + j] = transposed[j * rows + i] }
    }
    return result
  }
}
