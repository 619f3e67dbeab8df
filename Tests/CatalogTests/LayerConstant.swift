import BoundAlgebra
import Enclosure
import ModelIR
import TensorGraph

extension LayerCase {
  /// The constant that the layer's bound claims for all inputs side by side, weights given.
  ///
  /// A linear operator's is its largest singular value, found here from the explicit matrix; norm
  /// methods have tests of their own.
  func claimedConstant(_ parameters: [String: [Double]]) -> Double {
    switch bound {
    case .linear(let map): return norm(of: map, parameters)
    case .elementwise(let slopes): return max(slopes.negative.upper, slopes.positive.upper).value
    case .constant(let expression, let maps):
      let norms = Dictionary(
        uniqueKeysWithValues: maps.map { ($0.name, norm(of: $0, parameters)) })
      return expression.evaluate { UpperBound(proven: norms[$0.name] ?? .infinity) }.value
    case .addition: return Double(shapes.count).squareRoot()
    case .concatenation, .comparisons: return 1
    case .unbounded: return .infinity
    }
  }

  /// The operator's norm by twelve sweeps of one-sided Jacobi rotations on its matrix;
  /// a few suffice at these sizes, and any number bounds the norm from below.
  private func norm(of map: LinearOperator, _ parameters: [String: [Double]]) -> Double {
    var columns = Self.columns(of: map, parameters)
    for _ in 0..<12 {
      for p in columns.indices {
        for q in columns.indices where q > p { rotate(&columns, p, q) }
      }
    }
    return columns.map { CatalogTests.norm($0) }.max() ?? 0
  }

  /// Makes two columns orthogonal.
  private func rotate(_ columns: inout [[Double]], _ p: Int, _ q: Int) {
    let a = columns[p].reduce(0) { $0 + $1 * $1 }
    let b = columns[q].reduce(0) { $0 + $1 * $1 }
    let c = zip(columns[p], columns[q]).reduce(0) { $0 + $1.0 * $1.1 }
    guard abs(c) > 1e-15 * (a * b).squareRoot(), c != 0 else { return }
    let zeta = (b - a) / (2 * c)
    let t = (zeta >= 0 ? 1.0 : -1.0) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
    let cosine = 1 / (1 + t * t).squareRoot()
    let pairs = zip(columns[p], columns[q])
    let rotated = pairs.map { (cosine * ($0 - t * $1), cosine * (t * $0 + $1)) }
    columns[p] = rotated.map(\.0)
    columns[q] = rotated.map(\.1)
  }

  /// The images of the unit vectors.
  static func columns(
    of map: LinearOperator, _ parameters: [String: [Double]]
  ) -> [[Double]] {
    let count = map.inputShape.reduce(1, *)
    let identity = (0..<count * count).map { $0 / count == $0 % count ? 1.0 : 0 }
    let images = apply(map, to: identity, batch: count, parameters)
    let width = images.count / count
    return (0..<count).map { Array(images[($0 * width)..<(($0 + 1) * width)]) }
  }

  /// The map of a batch.
  static func apply(
    _ map: LinearOperator, to x: [Double], batch: Int, _ parameters: [String: [Double]]
  ) -> [Double] {
    let builder = GraphBuilder("operator")
    let input = builder.input("x", [batch] + map.inputShape)
    var operands: [String: Tensor] = [:]
    for name in map.parameters {
      let count = parameters[name]?.count ?? 0
      operands[name] = builder.input(name, parameterShape(of: map, count: count))
    }
    let y = map.apply(to: input) { operands[$0]! }
    builder.output("y", y)
    return evaluate(builder.graph, inputs: parameters.merging(["x": x]) { $1 })["y"]!
  }

  private static func parameterShape(of map: LinearOperator, count: Int) -> [Int] {
    switch map.form {
    case .dense(_, let inputs, let outputs): [outputs, inputs]
    case .convolution(_, let window, let input, let filters):
      [filters, input[0] / window.groups] + window.kernel
    case .transposedConvolution(_, let window, let input, let output):
      [input[0], output[0] / window.groups] + window.kernel
    case .diagonal: [count]
    case .sumPool, .copy, .centering: []
    }
  }
}
