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

extension TapeOpcode {
  /// The kernel's name for it.
  var operation: lmtc_operation {
    switch self {
    case .unary(let function): Self.operation(function)
    case .binary(let function): Self.operation(function)
    case .compare(let relation): Self.operation(relation)
    case .select: LMTC_SELECT
    case .copy: LMTC_COPY
    }
  }

  /// Rough cost of an element relative to an addition.
  var weight: Int {
    switch self {
    case .unary(.exp), .unary(.log), .unary(.log1p), .unary(.tanh), .unary(.logistic), .unary(.erf):
      12
    case .unary(.sqrt), .binary(.divide): 2
    case .unary, .binary, .compare, .select, .copy: 1
    }
  }

  private static func operation(_ function: Operation.Unary) -> lmtc_operation {
    switch function {
    case .negate: LMTC_NEGATE
    case .abs: LMTC_MAGNITUDE
    case .sign: LMTC_SIGN
    case .exp: LMTC_EXPONENTIAL
    case .log: LMTC_LOGARITHM
    case .log1p: LMTC_LOGARITHM_OF_ONE_PLUS
    case .sqrt: LMTC_SQUARE_ROOT
    case .tanh: LMTC_HYPERBOLIC_TANGENT
    case .logistic: LMTC_LOGISTIC
    case .erf: LMTC_ERROR_FUNCTION
    case .bfloat16: LMTC_BFLOAT16
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
}
