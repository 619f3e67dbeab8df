import Enclosure
import ModelIR
import TensorGraph

@testable import LipschitzBounds

/// A linear operator as an explicit matrix, computed directly from its definition without code of the norm
/// methods.
struct ExplicitOperator {
  let rows: Int
  let columns: Int
  private(set) var elements: [Double]

  init(_ map: LinearOperator, _ weights: [Float]) {
    switch map.form {
    case .dense(_, let inputs, let outputs):
      self.init(rows: outputs, columns: inputs, elements: weights.map(Double.init))
    case .convolution(_, let window, let input, let filters):
      self.init(window, input, filters) { m, c, h, w in
        let perGroup = input[0] / window.groups
        guard c / perGroup == m / (filters / window.groups) else { return nil }
        let tap = h * window.kernel[1] + w
        let taps = window.kernel[0] * window.kernel[1]
        return Double(weights[(m * perGroup + c % perGroup) * taps + tap])
      }
    case .transposedConvolution(let weight, let window, let input, let output):
      let forward = ExplicitOperator(
        LinearOperator(
          name: map.name,
          form: .convolution(weight: weight, window: window, input: output, filters: input[0])),
        weights)
      self = forward.transposed
    case .diagonal(.constants(let factors), let shape):
      self.init(shape) { factors[factors.count == 1 ? 0 : $0] }
    case .diagonal(.parameter, let shape):
      self.init(shape) { Double(weights[weights.count == 1 ? 0 : $0]) }
    case .diagonal(.parameterAndOne, let shape):
      self.init(shape) { $0 < weights.count ? Double(weights[$0]) : 1 }
    case .diagonal(.normalization, _):
      preconditionFailure("no case has this form")
    case .copy, .centering:
      self.init(applying: map)
    case .sumPool(let pool, let input, let factor):
      let window = ConvolutionWindow(
        kernel: pool.kernel, strides: pool.strides, paddingLow: pool.paddingLow,
        paddingHigh: pool.paddingHigh)
      self.init(window, input, input[0]) { m, c, _, _ in m == c ? factor : nil }
    }
  }

  private init(rows: Int, columns: Int, elements: [Double]) {
    (self.rows, self.columns, self.elements) = (rows, columns, elements)
  }

  /// A map without parameters, by its images of the unit vectors.
  private init(applying map: LinearOperator) {
    let count = map.inputShape.reduce(1, *)
    let builder = GraphBuilder("operator")
    let x = builder.input("x", [count] + map.inputShape)
    let y = map.apply(to: x) { _ in preconditionFailure("no parameters") }
    builder.output("y", y)
    let unit = (0..<count * count).map { $0 / count == $0 % count ? 1.0 : 0 }
    let images = ReferenceEvaluator(builder.graph).evaluate(["x": unit])["y"] ?? []
    let rows = images.count / count
    self = ExplicitOperator(rows: count, columns: rows, elements: images).transposed
  }

  /// The product with another matrix, summed in Double.
  func times(_ other: ExplicitOperator) -> ExplicitOperator {
    var product = Array(repeating: 0.0, count: rows * other.columns)
    for i in 0..<rows {
      for k in 0..<columns where elements[i * columns + k] != 0 {
        let a = elements[i * columns + k]
        for j in 0..<other.columns {
          product[i * other.columns + j] += a * other.elements[k * other.columns + j]
        }
      }
    }
    return ExplicitOperator(rows: rows, columns: other.columns, elements: product)
  }

  /// The sum with a matrix of the same shape.
  func plus(_ other: ExplicitOperator) -> ExplicitOperator {
    ExplicitOperator(
      rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 + $1 })
  }

  static func identity(_ count: Int) -> ExplicitOperator {
    ExplicitOperator([count]) { _ in 1 }
  }

  private init(_ shape: [Int], factor: (Int) -> Double) {
    let count = shape.reduce(1, *)
    self.init(
      rows: count, columns: count, elements: Array(repeating: 0, count: count * count))
    for i in 0..<count { elements[i * count + i] = factor(i / (count / shape[0])) }
  }

  private var transposed: ExplicitOperator {
    var flipped = elements
    for i in 0..<rows {
      for j in 0..<columns { flipped[j * rows + i] = elements[i * columns + j] }
    }
    return ExplicitOperator(rows: columns, columns: rows, elements: flipped)
  }

  private init(
    _ window: ConvolutionWindow, _ input: [Int], _ filters: Int,
    _ coefficient: (Int, Int, Int, Int) -> Double?
  ) {
    let output = window.outputExtent([input[1], input[2]]) ?? [0, 0]
    let columns = input[0] * input[1] * input[2]
    let rows = filters * output[0] * output[1]
    self.init(
      rows: rows, columns: columns, elements: Array(repeating: 0, count: rows * columns))
    for m in 0..<filters {
      for i in 0..<output[0] {
        for j in 0..<output[1] {
          for c in 0..<input[0] {
            for h in 0..<window.kernel[0] {
              for w in 0..<window.kernel[1] {
                let y = i * window.strides[0] + h * window.dilations[0] - window.paddingLow[0]
                let x = j * window.strides[1] + w * window.dilations[1] - window.paddingLow[1]
                guard (0..<input[1]).contains(y), (0..<input[2]).contains(x),
                  let value = coefficient(m, c, h, w)
                else { continue }
                let row = (m * output[0] + i) * output[1] + j
                elements[row * columns + (c * input[1] + y) * input[2] + x] += value
              }
            }
          }
        }
      }
    }
  }

  /// The best ratio ‖A v‖/‖v‖ found, rounded down, which no valid bound is below.
  ///
  /// The search needs no rounding argument; only the last ratio is rounded down.
  var bestRatio: LowerBound {
    let largest = elements.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0, largest.isFinite else { return .zero }
    let scaled = DenseBlock(rows: rows, columns: columns, elements: elements.map { $0 / largest })
    let top = LanczosEstimate(order: columns) { scaled.adjoint(scaled.forward($0)) }
    return ratio(at: top.vector)
  }

  /// ‖A v‖/‖v‖ rounded down.
  func ratio(at v: [Double]) -> LowerBound {
    var image: [Double] = []
    var errors: [Double] = []
    let gamma = AccumulatedError.gamma(columns + 1).value
    for row in 0..<rows {
      var (sum, size) = (0.0, 0.0)
      for column in 0..<columns where elements[row * columns + column] != 0 {
        let term = elements[row * columns + column] * v[column]
        sum += term
        size += term.magnitude
      }
      image.append(sum)
      errors.append(2 * gamma * size + 0x1p-1060)
    }
    let length = AccumulatedError.euclideanNorm(v).upper
    let error = AccumulatedError.euclideanNorm(errors).upper
    return AccumulatedError.euclideanNorm(image).lower.reduced(by: error) / length
  }
}
