import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph
import Testing

@testable import LipschitzBounds

/// Wrong rules that have been used before; the property check must catch each.
enum WrongRule: String, CaseIterable, Sendable {
  case slightlyTooSmall, fewPowerIterations, reshapedKernel, torusOfTheImage, droppedStridePhase
  case firstGroupOnly, paddingForgotten, poolWithoutOverlap, epsilonInDenominator
  case largestRow, columnSums, rowSums, largestElement

  func bound(_ example: OperatorCase) -> UpperBound {
    switch self {
    case .slightlyTooSmall:
      UpperBound(proven: exact(example).value * 0.999)
    case .fewPowerIterations:
      UpperBound(proven: powerIteration(example, steps: 3))
    case .reshapedKernel: reshaped(example)
    case .torusOfTheImage: circular(example)
    case .droppedStridePhase: withFirstPhase(example)
    case .firstGroupOnly: changed(example) { window, _ in window.groups = 1 }
    case .paddingForgotten:
      changed(example) { window, input in
        guard window.kernel[0] <= input[1], window.kernel[1] <= input[2] else { return }
        (window.paddingLow, window.paddingHigh) = ([0, 0], [0, 0])
      }
    case .poolWithoutOverlap: nonOverlappingPool(example)
    case .epsilonInDenominator:
      UpperBound(proven: exact(example).value * (1 / (1 + 1e-9)))
    case .largestRow: rowNorm(example)
    case .columnSums: sums(example, byRows: false)
    case .rowSums: sums(example, byRows: true)
    case .largestElement:
      UpperBound(proven: explicit(example).elements.map(\.magnitude).max() ?? 0)
    }
  }
}

private func exact(_ example: OperatorCase) -> UpperBound {
  let norms = OperatorNorms(operators: [example.map]) { _ in example.weights }
  return norms.upper(NormSymbol(example.map.name))
}

private func powerIteration(_ example: OperatorCase, steps: Int) -> Double {
  let explicit = ExplicitOperator(example.map, example.weights)
  let block = DenseBlock(
    rows: explicit.rows, columns: explicit.columns, elements: explicit.elements)
  var v = (0..<explicit.columns).map { Double($0 % 7) - 2.9 }
  var norm = 0.0
  for _ in 0..<steps {
    let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if length == 0 { return norm }
    v = block.adjoint(block.forward(v.map { $0 / length }))
    norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot().squareRoot()
  }
  return norm
}

/// ‖W′‖ of the filter as a matrix [filters, rest].
private func reshaped(_ example: OperatorCase) -> UpperBound {
  guard case .convolution(_, let window, let input, let filters) = example.map.form else {
    return .infinity
  }
  let columns = input[0] / window.groups * window.kernel[0] * window.kernel[1]
  let map = LinearOperator(
    name: "w", form: .dense(weight: "w", inputs: columns, outputs: filters))
  return OperatorNorms(operators: [map]) { _ in example.weights }.upper(NormSymbol("w"))
}

/// The circular convolution on a torus of the image's own extent.
private func circular(_ example: OperatorCase) -> UpperBound {
  guard case .convolution(_, let window, let input, let filters) = example.map.form,
    window.strides == [1, 1], window.groups == 1
  else { return .infinity }
  let (height, width, taps) = (input[1], input[2], window.kernel[0] * window.kernel[1])
  let columns = input[0] * height * width
  var elements = Array(repeating: Float(0), count: filters * height * width * columns)
  for index in example.weights.indices {
    let (m, c, tap) = (index / taps / input[0], index / taps % input[0], index % taps)
    for i in 0..<height {
      for j in 0..<width {
        let y = (i + tap / window.kernel[1] * window.dilations[0]) % height
        let x = (j + tap % window.kernel[1] * window.dilations[1]) % width
        let row = (m * height + i) * width + j
        elements[row * columns + (c * height + y) * width + x] += example.weights[index]
      }
    }
  }
  let map = LinearOperator(
    name: "c", form: .dense(weight: "c", inputs: columns, outputs: elements.count / columns))
  return OperatorNorms(operators: [map]) { _ in elements }.upper(NormSymbol("c"))
}

/// Only the taps that are multiples of the stride.
private func withFirstPhase(_ example: OperatorCase) -> UpperBound {
  guard case .convolution(_, let window, _, _) = example.map.form, window.strides != [1, 1] else {
    return .infinity
  }
  var weights = example.weights
  let taps = window.kernel[0] * window.kernel[1]
  for index in weights.indices {
    let (h, w) = (index % taps / window.kernel[1], index % window.kernel[1])
    if h % window.strides[0] != 0 || w % window.strides[1] != 0 { weights[index] = 0 }
  }
  return OperatorNorms(operators: [example.map]) { _ in weights }
    .upper(NormSymbol(example.map.name))
}

/// The bound of a convolution with another window; weights beyond the first group are dropped.
private func changed(
  _ example: OperatorCase, _ change: (inout ConvolutionWindow, [Int]) -> Void
) -> UpperBound {
  guard case .convolution(_, let window, let input, let filters) = example.map.form else {
    return .infinity
  }
  var other = window
  change(&other, input)
  let share = other.groups == window.groups ? 1 : window.groups
  let map = LinearOperator(
    name: "w",
    form: .convolution(
      weight: "w", window: other, input: [input[0] / share, input[1], input[2]],
      filters: filters / share))
  let weights = Array(example.weights.prefix(example.weights.count / share))
  return OperatorNorms(operators: [map]) { _ in weights }.upper(NormSymbol("w"))
}

/// factor·√(kh·kw), correct only if windows do not overlap.
private func nonOverlappingPool(_ example: OperatorCase) -> UpperBound {
  guard case .sumPool(let window, _, let factor) = example.map.form else { return .infinity }
  return UpperBound(proven: factor * Double(window.kernel[0] * window.kernel[1]).squareRoot())
}

private func explicit(_ example: OperatorCase) -> ExplicitOperator {
  ExplicitOperator(example.map, example.weights)
}

/// ‖A‖_∞, the largest sum of magnitudes of a row, or ‖A‖₁, that of a column; each may be smaller than ‖A‖₂.
private func sums(_ example: OperatorCase, byRows: Bool) -> UpperBound {
  let explicit = explicit(example)
  var sums = Array(repeating: 0.0, count: byRows ? explicit.rows : explicit.columns)
  for (index, element) in explicit.elements.enumerated() {
    sums[byRows ? index / explicit.columns : index % explicit.columns] += element.magnitude
  }
  return UpperBound(proven: sums.max() ?? 0)
}

private func rowNorm(_ example: OperatorCase) -> UpperBound {
  let explicit = explicit(example)
  return (0..<explicit.rows).map { row in
    AccumulatedError.euclideanNorm(
      Array(explicit.elements[row * explicit.columns..<(row + 1) * explicit.columns])
    ).upper
  }.max() ?? .zero
}

@Suite struct WrongRuleTests {
  @Test(arguments: WrongRule.allCases)
  func isCaught(_ rule: WrongRule) {
    #expect(OperatorCase.all.contains { !holds(rule.bound, for: $0) })
  }

  @Test func theRightRuleIsNotCaught() {
    #expect(OperatorCase.poolMaps.allSatisfy { holds(exact, for: OperatorCase($0, .ones)) })
  }
}
