import TensorGraph

extension OperationCase {
  /// Every operation, with odd, unit and empty shapes where they are legal.
  public static let all: [OperationCase] =
    sources + elementwise + structural + folds + products + factorizations + convolutions + sumPools
    + maximumPools

  /// The operations with kernels of their own, on operands of a size for which engines switch to
  /// their fast paths; too slow for gradient checks in Double.
  public static let large: [OperationCase] =
    largeConvolutions + largeProducts + largeFactorizations + elementwiseCases([3, 347]) + [
      OperationCase(.reduce(.sum, axes: [0, 2, 3]), [[8, 16, 14, 13]]),
      OperationCase(.reduce(.sum, axes: [1]), [[33, 517]]),
      OperationCase(.reduce(.sum, axes: [0, 1]), [[131, 129]]),
      OperationCase(.reduce(.maximum, axes: [1]), [[50, 10]], [.distinct]),
      OperationCase(.broadcast(axes: [1]), [[16]], as: [8, 16, 14, 13]),
      OperationCase(.transpose([1, 0]), [[131, 67]]),
      OperationCase(.random(stream: 9), [[]], [.counter], as: [4099]),
    ]

  private static let largeProducts: [OperationCase] = [false, true].flatMap { left in
    [false, true].flatMap { right in
      [
        (50, 513, 100), (1, 784, 100), (129, 65, 1), (1, 13, 10), (10, 37, 1), (700, 64, 49),
      ].map { rows, inner, columns in
        OperationCase(
          .dot(transposeLeft: left, transposeRight: right),
          [left ? [inner, rows] : [rows, inner], right ? [columns, inner] : [inner, columns]])
      }
    }
  }

  static let factorizations: [OperationCase] = factorizations(
    orders: [1, 2, 5, 9], columns: [1, 4])

  private static let largeFactorizations = factorizations(
    orders: [63, 64, 65, 130, 200], columns: [1, 70])

  private static func factorizations(orders: [Int], columns: [Int]) -> [OperationCase] {
    orders.map { OperationCase(.cholesky, [[$0, $0]], [.dominant]) }
      + orders.flatMap { order in
        columns.flatMap { count in
          [false, true].map { isTransposed in
            OperationCase(
              .triangularSolve(transposed: isTransposed), [[order, order], [order, count]],
              [.dominant, .any])
          }
        }
      }
  }

  private static let shapes: [[Int]] = [[], [1], [7], [3, 5], [2, 1, 3], [0, 4], [2, 3, 2, 3]]

  static let sources: [OperationCase] =
    shapes.map { OperationCase(.splat(-1.5), [], as: $0) }
    + [
      OperationCase(.literal(Literal([0.5, -2, 3, 0, 7, 1])), [], as: [2, 3]),
      OperationCase(.literal(Literal([])), [], as: [0]),
      OperationCase(.random(stream: 7), [[]], [.counter], as: [33]),
      OperationCase(.random(stream: 8), [[]], [.counter], as: [3, 1, 5]),
    ]

  static let elementwise: [OperationCase] = shapes.flatMap(elementwiseCases)

  private static func elementwiseCases(_ shape: [Int]) -> [OperationCase] {
    Operation.Unary.allCases.map { function in
      OperationCase(
        .unary(function), [shape], [sampling(function)],
        isSmooth: function != .sign && function != .bfloat16)
    }
      + Operation.Binary.allCases.map { function in
        OperationCase(.binary(function), [shape, shape], sampling(function))
      }
      + Operation.Comparison.allCases.map { relation in
        OperationCase(.compare(relation), [shape, shape], [.distinct, .distinct], isSmooth: false)
      }
      + [
        OperationCase(.select, [shape, shape, shape], [.mask, .any, .any]),
        OperationCase(.stopGradient, [shape], isSmooth: false),
        OperationCase(.withDerivative, [shape, shape], isSmooth: false),
      ]
  }

  private static func sampling(_ function: Operation.Unary) -> Sampling {
    switch function {
    case .abs, .sign: .nonzero
    case .log, .log1p, .sqrt: .positive
    case .negate, .exp, .tanh, .logistic, .erf, .bfloat16: .any
    }
  }

  private static func sampling(_ function: Operation.Binary) -> [Sampling] {
    switch function {
    case .add, .subtract, .multiply: [.any, .any]
    case .divide: [.any, .nonzero]
    case .maximum, .minimum: [.distinct, .distinct]
    }
  }

  static let structural: [OperationCase] = [
    OperationCase(.broadcast(axes: []), [[]], as: [3, 5]),
    OperationCase(.broadcast(axes: [1]), [[5]], as: [3, 5]),
    OperationCase(.broadcast(axes: [0]), [[3]], as: [3, 5]),
    OperationCase(.broadcast(axes: [0, 2]), [[2, 3]], as: [2, 7, 3]),
    OperationCase(.broadcast(axes: [1]), [[3]], as: [2, 3, 5, 7]),
    OperationCase(.broadcast(axes: [0, 1]), [[2, 3]], as: [2, 3]),
    OperationCase(.broadcast(axes: [1]), [[4]], as: [0, 4]),
    OperationCase(.reshape, [[2, 3, 5]], as: [5, 6]),
    OperationCase(.reshape, [[1]], as: []),
    OperationCase(.reshape, [[0, 3]], as: [7, 0]),
    OperationCase(.transpose([1, 0]), [[3, 5]]),
    OperationCase(.transpose([0, 2, 3, 1]), [[2, 3, 5, 7]]),
    OperationCase(.transpose([2, 0, 1]), [[3, 1, 4]]),
    OperationCase(.transpose([]), [[]]),
    OperationCase(.slice(starts: [1, 0], limits: [3, 5], strides: [1, 2]), [[3, 5]]),
    OperationCase(.slice(starts: [1], limits: [9], strides: [3]), [[10]]),
    OperationCase(.slice(starts: [2], limits: [2], strides: [1]), [[4]]),
    OperationCase(
      .slice(starts: [0, 1, 0, 0], limits: [2, 2, 5, 7], strides: [1, 1, 1, 1]), [[2, 3, 5, 7]]),
    OperationCase(.pad(low: [1, 0], high: [0, 2], interior: [0, 1]), [[3, 5]]),
    OperationCase(.pad(low: [2], high: [1], interior: [3]), [[4]]),
    OperationCase(.pad(low: [2], high: [1], interior: [3]), [[0]]),
    OperationCase(.pad(low: [], high: [], interior: []), [[]]),
    OperationCase(.concatenate(axis: 0), [[2, 3], [1, 3], [4, 3]]),
    OperationCase(.concatenate(axis: 1), [[2, 3, 5], [2, 1, 5]]),
    OperationCase(.concatenate(axis: 1), [[2, 0], [2, 3]]),
    OperationCase(.concatenate(axis: 0), [[5]]),
  ]

  static let folds: [OperationCase] =
    [
      ([3, 5], [0]), ([3, 5], [1]), ([3, 5], [0, 1]), ([2, 3, 5, 7], [0, 2, 3]),
      ([2, 3, 5], [1]), ([2, 3, 5], []), ([1], [0]), ([0, 4], [1]), ([4, 1, 33], [2]),
    ].flatMap { (shape: [Int], axes: [Int]) in
      [
        OperationCase(.reduce(.sum, axes: axes), [shape]),
        OperationCase(.reduce(.maximum, axes: axes), [shape], [.distinct]),
      ]
    } + [OperationCase(.reduce(.sum, axes: [0]), [[0, 4]])]

  static let products: [OperationCase] = [false, true].flatMap { left in
    [false, true].flatMap { right in
      [(3, 5, 7), (1, 4, 1), (1, 1, 1), (5, 17, 9), (2, 0, 3), (0, 3, 2)].map {
        (rows, inner, columns) in
        OperationCase(
          .dot(transposeLeft: left, transposeRight: right),
          [left ? [inner, rows] : [rows, inner], right ? [columns, inner] : [inner, columns]])
      }
    }
  }
}
