import Enclosure
import MatrixProducts

/// A composed map in steps from the identity on, each part once however many paths lead through it.
///
/// Place 0 stands for the identity of the map's outputs, and step i makes the map at place i + 1 of those at
/// places before it; the last one is the whole map.
struct MapSteps: Sendable {
  enum Step: Sendable {
    /// The map at a place after a layer's matrix, whose norm has been proved.
    case after(Int, MapFactor, norm: UpperBound)
    /// The map at a place after the one that puts elements at some places between zeros.
    case placed(Int, [Int32], among: Int)
    case sum(Int, Int)
    case scaled(Int, by: Double)
    /// A map whose rows, at most sixteen, have been computed, within an error.
    case known(Lanes, error: UpperBound)

    /// The places that are read.
    fileprivate var operands: [Int] {
      switch self {
      case .after(let outer, _, _), .placed(let outer, _, _), .scaled(let outer, _): [outer]
      case .sum(let a, let b): [a, b]
      case .known: []
      }
    }
  }

  private let steps: [Step]
  /// The places that nobody reads after a step.
  private let finished: [[Int]]

  init(_ steps: [Step]) {
    self.steps = steps
    var last: [Int: Int] = [:]
    for (index, step) in steps.enumerated() { for place in step.operands { last[place] = index } }
    finished = Dictionary(grouping: last.keys, by: { last[$0] ?? 0 }).reduce(
      into: Array(repeating: [], count: steps.count)
    ) { $0[$1.key] = $1.value }
  }

  /// Multiplications for one vector.
  var cost: Double {
    steps.reduce(0) { if case .after(_, let factor, _) = $1 { $0 + factor.cost } else { $0 } }
  }

  /// The sum of squares of all numbers.
  private static func squares(_ x: Lanes) -> Double {
    (0..<x.count * Lanes.width).reduce(0) { $0 + x.base[$1] * x.base[$1] }
  }

  private static let unit = UpperBound(proven: AccumulatedError.unitRoundoff)
  /// For products that underflow, far fewer than 2⁹⁰.
  private static let underflow = UpperBound(proven: 0x1p-900)

  /// The error of a product with a layer's matrix: ‖E‖‖A‖ of the operand's, since A as it is multiplies the
  /// operand as it is, and |fl(RA) − RA| ≤ γ|R||A|, with as much again for each unit roundoff that coefficients
  /// are off.
  ///
  /// ‖|A|‖ in place of ‖A‖ would let the error of a long composition grow by far more than the composition.
  private static func error(
    _ error: UpperBound, _ size: UpperBound, after factor: MapFactor, _ norm: UpperBound,
    isAdjoint: Bool
  ) -> UpperBound {
    let relative = UpperBound(proven: 1 + factor.map.coefficientError)
    return error * min(norm, factor.absoluteNorm * relative)
      + factor.roundingError(isAdjoint: isAdjoint) * size * factor.absoluteNorm + underflow
  }

  private static func error(
    _ error: UpperBound, _ size: UpperBound, scaledBy factor: Double
  ) -> UpperBound {
    UpperBound(proven: factor.magnitude) * (error + unit * size) + underflow
  }
}

/// Rows: from the outputs' side.
extension MapSteps {
  /// Aᵀ x for sixteen vectors, with the sums of squares of what is computed on the way.
  func rows(of x: Lanes, _ sizes: inout [Double]) -> Lanes {
    var values: [Lanes?] = [x]
    func value(_ place: Int) -> Lanes {
      guard let found = values[place] else { preconditionFailure("a place is read later") }
      return found
    }
    for (index, step) in steps.enumerated() {
      switch step {
      case .after(let outer, let factor, _):
        sizes.append(Self.squares(value(outer)))
        values.append(factor.times(value(outer), isAdjoint: true))
      case .placed(let outer, let places, _): values.append(value(outer).selecting(places))
      case .sum(let a, let b):
        let sum = value(a).plus(value(b))
        sizes.append(Self.squares(sum))
        values.append(sum)
      case .scaled(let inner, let factor):
        sizes.append(Self.squares(value(inner)))
        values.append(value(inner).scaled(by: factor))
      case .known(let image, _): values.append(image)
      }
      for place in finished[index] { values[place] = nil }
    }
    return value(steps.count)
  }

  /// The error of rows; `norms` are the roots of all sums of squares.
  func rowError(_ norms: [UpperBound]) -> UpperBound {
    var (errors, norms) = ([UpperBound.zero], norms[...])
    for step in steps {
      switch step {
      case .after(let outer, let factor, let norm):
        errors.append(
          Self.error(errors[outer], norms.removeFirst(), after: factor, norm, isAdjoint: true))
      case .placed(let outer, _, _): errors.append(errors[outer])
      case .sum(let a, let b):
        errors.append(errors[a] + errors[b] + Self.unit * norms.removeFirst())
      case .scaled(let inner, let factor):
        errors.append(Self.error(errors[inner], norms.removeFirst(), scaledBy: factor))
      case .known(_, let error): errors.append(error)
      }
    }
    return errors[steps.count]
  }
}

/// Columns: from the inputs' side. What the parts of a sum hand on to the same place is added there.
extension MapSteps {
  /// A x for sixteen vectors, with the sums of squares of what is computed on the way.
  func columns(of x: Lanes, _ sizes: inout [Double]) -> Lanes {
    var values = [Lanes?](repeating: nil, count: steps.count) + [x]
    func add(_ value: Lanes, at place: Int) {
      guard let old = values[place] else { return values[place] = value }
      let sum = old.plus(value)
      sizes.append(Self.squares(sum))
      values[place] = sum
    }
    for (index, step) in steps.enumerated().reversed() {
      guard let value = values[index + 1] else { continue }
      values[index + 1] = nil
      switch step {
      case .after(let outer, let factor, _):
        sizes.append(Self.squares(value))
        add(factor.times(value, isAdjoint: false), at: outer)
      case .placed(let outer, let places, let total):
        add(value.placed(places, among: total), at: outer)
      case .sum(let a, let b):
        add(value, at: a)
        add(value, at: b)
      case .scaled(let inner, let factor):
        sizes.append(Self.squares(value))
        add(value.scaled(by: factor), at: inner)
      case .known: preconditionFailure("only rows are known")
      }
    }
    return values[0] ?? x
  }

  /// The error of columns; `norms` are the roots of all sums of squares.
  func columnError(_ norms: [UpperBound]) -> UpperBound {
    var norms = norms[...]
    var errors = [UpperBound?](repeating: nil, count: steps.count) + [.zero]
    func add(_ error: UpperBound, at place: Int) {
      errors[place] = errors[place].map { $0 + error + Self.unit * norms.removeFirst() } ?? error
    }
    for (index, step) in steps.enumerated().reversed() {
      guard let error = errors[index + 1] else { continue }
      switch step {
      case .after(let outer, let factor, let norm):
        let size = norms.removeFirst()
        add(Self.error(error, size, after: factor, norm, isAdjoint: false), at: outer)
      case .placed(let outer, _, _): add(error, at: outer)
      case .sum(let a, let b):
        add(error, at: a)
        add(error, at: b)
      case .scaled(let inner, let factor):
        let size = norms.removeFirst()
        add(Self.error(error, size, scaledBy: factor), at: inner)
      case .known: preconditionFailure("only rows are known")
      }
    }
    return errors[0] ?? .zero
  }
}
