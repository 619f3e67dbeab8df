import ModelIR
import RealModule
import TensorGraph

/// Initial values of parameters: a pure function of the seed, the full name and the declaration.
public enum Initialization {
  /// The elements of a parameter, row-major.
  public static func elements(
    of declaration: ParameterDeclaration, name: String, seed: UInt64
  ) -> [Float] {
    let count = declaration.shape.reduce(1, *)
    switch declaration.initializer {
    case .constant(let value):
      return Array(repeating: Float(value), count: count)
    case .ofData(.mean):
      return Array(repeating: 0, count: count)
    case .ofData(.reciprocalDeviation):
      return Array(repeating: 1, count: count)
    case .he(let fanIn):
      return normal(count, name, seed).map { Float($0 * (2 / Double(fanIn)).squareRoot()) }
    case .lecun(let fanIn):
      return normal(count, name, seed).map { Float($0 * (1 / Double(fanIn)).squareRoot()) }
    case .glorot(let fanIn, let fanOut):
      let deviation = (2 / Double(fanIn + fanOut)).squareRoot()
      return normal(count, name, seed).map { Float($0 * deviation) }
    case .orthogonal:
      let rows = declaration.shape.first ?? 1
      return orthogonal(normal(count, name, seed), rows: rows, columns: count / max(rows, 1))
    }
  }

  /// A random direction for power iteration, not normalized.
  public static func direction(_ count: Int, name: String, seed: UInt64) -> [Float] {
    normal(count, name, seed).map { Float($0) }
  }

  /// Standard normal numbers by Box and Muller's transform.
  private static func normal(_ count: Int, _ name: String, _ seed: UInt64) -> [Double] {
    let stream = CounterRandom.stream(seed: seed, name)
    return (0..<count).map { index in
      let u = CounterRandom.uniform(stream: stream, counter: 0, index: UInt64(index))
      let angle = CounterRandom.uniform(stream: stream, counter: 1, index: UInt64(index))
      return (-2 * Double.log(1 - u)).squareRoot() * Double.cos(2 * .pi * angle)
    }
  }

  /// Orthonormal rows, or columns if there are fewer, by two passes of Gram and Schmidt.
  private static func orthogonal(_ gaussian: [Double], rows: Int, columns: Int) -> [Float] {
    let isWide = rows <= columns
    let (count, length) = isWide ? (rows, columns) : (columns, rows)
    var vectors = (0..<count).map { i in
      (0..<length).map { j in isWide ? gaussian[i * columns + j] : gaussian[j * columns + i] }
    }
    for i in 0..<count {
      for _ in 0..<2 {
        for j in 0..<i {
          let overlap = zip(vectors[i], vectors[j]).reduce(0) { $0 + $1.0 * $1.1 }
          for k in 0..<length { vectors[i][k] -= overlap * vectors[j][k] }
        }
      }
      let norm = vectors[i].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for k in 0..<length { vectors[i][k] /= norm }
    }
    return (0..<rows * columns).map { index in
      let (row, column) = (index / columns, index % columns)
      return Float(isWide ? vectors[row][column] : vectors[column][row])
    }
  }
}
