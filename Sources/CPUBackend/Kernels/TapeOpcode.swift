import CMatrixKernels
import TensorGraph

/// What one instruction of an elementwise tape does to a chunk.
enum TapeOpcode: Hashable, Sendable {
  case unary(Operation.Unary)
  case binary(Operation.Binary)
  case compare(Operation.Comparison)
  case select
  /// Copies the first operand.
  case copy
}

/// One operand of a tape instruction, resolved for a chunk.
struct TapeSource {
  /// The first element, or the only one of a scalar.
  var address: Elements
  /// Whether the one element stands for the whole chunk.
  var isScalar: Bool
}

extension TapeOpcode {
  /// Runs the instruction over `count` elements.
  func run(_ d: Elements, _ a: TapeSource, _ b: TapeSource, _ c: TapeSource, count: Int) {
    if let operation = exactOperation {
      return lmtc_elementwise(operation, d, a.operand, b.operand, c.operand, count)
    }
    switch self {
    case .unary(let function): Self.run(function, d, a, count)
    case .copy: map(d, a, count) { $0 }
    case .binary, .compare, .select: preconditionFailure("\(self) is an exact operation")
    }
  }

  /// The kernel of an operation that is exact or correctly rounded on every processor.
  private var exactOperation: lmtc_operation? {
    switch self {
    case .unary(let function): function == .sqrt ? LMTC_SQUARE_ROOT : nil
    case .binary(let function): Self.operation(function)
    case .compare(let relation): Self.operation(relation)
    case .select: LMTC_SELECT
    case .copy: nil
    }
  }

  private static func operation(_ function: Operation.Binary) -> lmtc_operation {
    switch function {
    case .add: LMTC_ADD
    case .subtract: LMTC_SUBTRACT
    case .multiply: LMTC_MULTIPLY
    case .divide: LMTC_DIVIDE
    case .maximum: LMTC_MAXIMUM
    case .minimum: LMTC_MINIMUM
    }
  }

  private static func operation(_ relation: Operation.Comparison) -> lmtc_operation {
    switch relation {
    case .less: LMTC_LESS
    case .lessOrEqual: LMTC_LESS_OR_EQUAL
    case .greater: LMTC_GREATER
    case .greaterOrEqual: LMTC_GREATER_OR_EQUAL
    case .equal: LMTC_EQUAL
    }
  }

  private static func run(
    _ function: Operation.Unary, _ d: Elements, _ a: TapeSource, _ count: Int
  ) {
    switch function {
    case .negate: map(d, a, count) { Lanes(bits: $0.bits ^ LaneBits(repeating: 0x8000_0000)) }
    case .abs: map(d, a, count) { $0.magnitudes }
    case .sign:
      map(d, a, count) { x in
        let one = Lanes(repeating: 1).withSign(of: x)
        return x.selected(by: (x .== 0) .| x.isNaN, else: one)
      }
    case .exp: map(d, a, count) { $0.exponential }
    case .log: map(d, a, count) { $0.logarithm }
    case .log1p: map(d, a, count) { $0.logarithmOfOnePlus }
    case .sqrt: preconditionFailure("the square root is an exact operation")
    case .tanh: map(d, a, count) { $0.hyperbolicTangent }
    case .logistic: map(d, a, count) { $0.logistic }
    case .erf: map(d, a, count) { $0.errorFunction }
    }
  }
}

extension TapeSource {
  /// The operand of a kernel.
  fileprivate var operand: lmtc_operand {
    lmtc_operand(address: address, is_scalar: isScalar)
  }
}

@inline(__always)
private func map(_ d: Elements, _ a: TapeSource, _ count: Int, _ f: (Lanes) -> Lanes) {
  let whole = count & ~7
  let x = a.address
  if a.isScalar {
    let y = f(Lanes(repeating: x.pointee))
    var i = 0
    while i < whole {
      y.store(d + i)
      i &+= 8
    }
    y.store(d + whole, count: count &- whole)
    return
  }
  var i = 0
  while i < whole {
    f(.load(x + i)).store(d + i)
    i &+= 8
  }
  let rest = count &- whole
  if rest > 0 { f(.load(x + whole, count: rest)).store(d + whole, count: rest) }
}
