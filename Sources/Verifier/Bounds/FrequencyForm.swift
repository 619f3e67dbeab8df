import Enclosure

/// The matrices of an ``ImageFront`` at each frequency, as real matrices: for each image the real parts of a cell's
/// elements and then the imaginary ones, and at last one row for each element of the value.
///
/// Rows and columns are multiplied by powers of two that bring the diagonal near 1.
struct FrequencyForm: Sendable {
  private let cells: FrontCells
  private let stages: [(stencil: Stencil, slope: Double, multipliers: [Double])]
  private let reading: (rows: [Double], error: UpperBound)
  private let outputs: Int
  /// Where each image's coordinates begin; the end follows.
  private let places: [Int]
  /// By image and element of a cell: the power of two.
  private let scales: [[Double]]
  /// The largest sum of magnitudes of a row, without the rows of the value and with them multiplied by 1.
  private let largestSums: (inner: Double, reading: Double)

  init(
    _ cells: FrontCells, _ stages: [(stencil: Stencil, slope: Double, multipliers: [Double])],
    _ reading: (rows: [Double], error: UpperBound), outputs: Int
  ) {
    (self.cells, self.stages, self.reading, self.outputs) = (cells, stages, reading, outputs)
    places = cells.levels.reduce(into: [0]) { $0.append($0[$0.count - 1] + 2 * $1.count) }
    scales = cells.levels.enumerated().map { index, level in
      (0..<level.count).map { element in
        index == 0
          ? 1 : Self.power(stages[index - 1].multipliers[element / (level.count / level.channels)])
      }
    }
    largestSums = Self.largestSums(cells, stages, reading.rows, scales, outputs: outputs)
  }

  /// A power of two whose square is within a factor of 4 of the inverse of a number.
  private static func power(_ number: Double) -> Double {
    Double(sign: .plus, exponent: -Int((Double(number.exponent) / 2).rounded()), significand: 1)
  }

  private static func multiplier(
    _ stage: (stencil: Stencil, slope: Double, multipliers: [Double]), _ level: FrontCells.Level,
    _ element: Int
  ) -> Double { stage.multipliers[element / (level.count / level.channels)] }

  private static func largestSums(
    _ cells: FrontCells, _ stages: [(stencil: Stencil, slope: Double, multipliers: [Double])],
    _ rows: [Double], _ scales: [[Double]], outputs: Int
  ) -> (inner: Double, reading: Double) {
    var sums = cells.levels.map { Array(repeating: 0.0, count: $0.count) }
    for (index, stage) in stages.enumerated() {
      let level = cells.levels[index + 1]
      cells.forEachElement(stage.stencil, stage: index) { row, column, _, value in
        let factor = multiplier(stage, level, row) * stage.slope * scales[index + 1][row]
        // Once for the real and once for the imaginary part.
        let size = 2 * factor * value.magnitude * scales[index][column]
        sums[index + 1][row] += size
        sums[index][column] += size
      }
    }
    let last = cells.levels.count - 1
    let area = rows.count / max(1, outputs) / cells.levels[last].channels
    var (columns, largest) = (Array(repeating: 0.0, count: cells.levels[last].count), 0.0)
    for i in 0..<outputs {
      var sum = 0.0
      for channel in columns.indices {
        let first = (i * columns.count + channel) * area
        let size =
          2 * scales[last][channel] * rows[first..<first + area].reduce(0) { $0 + $1.magnitude }
        sum += size
        columns[channel] += size
      }
      largest = max(largest, sum)
    }
    return (sums.joined().max() ?? 0, max(largest, columns.max() ?? 0))
  }

  /// Bounds the norm of the errors of a matrix whose last rows are multiplied by `power`.
  ///
  /// Each element is a sum of one product for each tap, or each position of the last image, with a wave that is
  /// within 2⁻⁴⁶.
  private func error(_ power: Double) -> UpperBound {
    let last = cells.levels.count - 1
    let area = reading.rows.count / outputs / cells.levels[last].channels
    let terms = stages.reduce(area) { max($0, $1.stencil.taps.count) }
    let relative =
      UpperBound(proven: 0x1p-44) + UpperBound(proven: 2) * AccumulatedError.gamma(terms + 8)
    let sum =
      UpperBound(proven: largestSums.inner)
      + UpperBound(proven: power) * UpperBound(proven: largestSums.reading)
    let factor = UpperBound(proven: power * (scales[last].max() ?? 1))
    return relative * sum * UpperBound(proven: 1 + 0x1p-20)
      + factor * UpperBound(integer: area).squareRoot() * reading.error
      + UpperBound(proven: 0x1p-900)
  }

  /// The matrix at a frequency; the last rows are multiplied by `power` and have the diagonal 0.
  private func matrix(at frequency: [Int], _ power: Double) -> SymmetricMatrix? {
    let inner = places[places.count - 1]
    let last = cells.levels.count - 1
    let firsts =
      (0..<places[1]).map { $0 }
      + (1..<places.count - 1).flatMap { level in
        Array(repeating: places[level - 1], count: places[level + 1] - places[level])
      } + Array(repeating: places[last], count: outputs)
    guard var matrix = SymmetricMatrix(firsts: firsts) else { return nil }
    for i in 0..<places[1] { matrix[i, i] = 1 }
    for (index, stage) in stages.enumerated() {
      let (from, to) = (cells.levels[index], cells.levels[index + 1])
      for i in 0..<to.count {
        let scale = scales[index + 1][i]
        let value = 2 * Self.multiplier(stage, to, i) * scale * scale
        for place in [places[index + 1] + i, places[index + 1] + to.count + i] {
          matrix[place, place] = value
        }
      }
      add(stage, index, from, to, frequency, to: &matrix)
    }
    addReading(at: frequency, power, inner, to: &matrix)
    return matrix
  }

  /// −Λ times a convolution between two images.
  private func add(
    _ stage: (stencil: Stencil, slope: Double, multipliers: [Double]), _ index: Int,
    _ from: FrontCells.Level, _ to: FrontCells.Level, _ frequency: [Int],
    to matrix: inout SymmetricMatrix
  ) {
    var (re, im) = (
      Array(repeating: 0.0, count: to.count * from.count),
      Array(repeating: 0.0, count: to.count * from.count)
    )
    cells.forEachElement(stage.stencil, stage: index) { row, column, cell, value in
      let wave = cells.wave(frequency, cell)
      re[row * from.count + column] += value * wave.re
      im[row * from.count + column] += value * wave.im
    }
    for row in 0..<to.count {
      let factor = -Self.multiplier(stage, to, row) * stage.slope * scales[index + 1][row]
      let place = places[index + 1] + row
      for column in 0..<from.count {
        let scale = scales[index][column]
        let real = factor * re[row * from.count + column] * scale
        let imaginary = factor * im[row * from.count + column] * scale
        let first = places[index] + column
        matrix[place, first] = real
        matrix[place, first + from.count] = -imaginary
        matrix[place + to.count, first] = imaginary
        matrix[place + to.count, first + from.count] = real
      }
    }
  }

  /// The rows of the value: the real part of W times the last image.
  private func addReading(
    at frequency: [Int], _ power: Double, _ inner: Int, to matrix: inout SymmetricMatrix
  ) {
    let last = cells.levels.count - 1
    let channels = cells.levels[last].channels
    let (height, width) = (stages[last - 1].stencil.output[1], stages[last - 1].stencil.output[2])
    let waves = (0..<height * width).map { cells.wave(frequency, [$0 / width, $0 % width]) }
    for i in 0..<outputs {
      for channel in 0..<channels {
        let first = (i * channels + channel) * waves.count
        var (re, im) = (0.0, 0.0)
        for (place, wave) in waves.enumerated() {
          re += reading.rows[first + place] * wave.re
          im += reading.rows[first + place] * wave.im
        }
        let scale = power * scales[last][channel]
        matrix[inner + i, places[last] + channel] = re * scale
        matrix[inner + i, places[last] + channels + channel] = -im * scale
      }
    }
  }

  /// About the least A, row-major; nil if the rest of the matrix is not positive definite.
  func products(at frequency: [Int]) -> [Double]? {
    guard var matrix = matrix(at: frequency, 1) else { return nil }
    let inner = places[places.count - 1]
    // What is subtracted from so large a pivot does not matter.
    for i in 0..<outputs { matrix[inner + i, inner + i] = 0x1p200 }
    guard matrix.factorize(minus: 0) else { return nil }
    let first = places[cells.levels.count - 1]
    var products = Array(repeating: 0.0, count: outputs * outputs)
    for i in 0..<outputs {
      for j in 0...i {
        var sum = 0.0
        for k in first..<inner { sum += matrix[inner + i, k] * matrix[inner + j, k] }
        (products[i * outputs + j], products[j * outputs + i]) = (sum, sum)
      }
    }
    return products
  }

  /// A matrix with a multiple of I added to it that makes the frequency's certainly positive semidefinite.
  ///
  /// - Parameter largest: about the largest diagonal element of such matrices at all frequencies.
  func raised(_ products: [Double], at frequency: [Int], largest: Double) -> [Double]? {
    let power = Self.power(largest)
    let error = error(power)
    guard let matrix = matrix(at: frequency, power) else { return nil }
    let inner = places[places.count - 1]
    // A step of 2, and no larger start, keeps what is added below the room that certificates leave.
    var shift = 4 * (matrix.factorizationError + error).value
    while shift < 1 {
      var (raised, trial) = (products, matrix)
      for i in 0..<outputs {
        raised[i * outputs + i] += shift / (power * power)
        for j in 0...i {
          trial[inner + i, inner + j] = raised[i * outputs + j] * (power * power)
        }
      }
      let margin = trial.factorizationError + error
      if margin.isFinite, trial.factorize(minus: margin.value) { return raised }
      shift *= 2
    }
    return nil
  }
}
