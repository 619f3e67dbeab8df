import TensorGraph

// Convolutions and their adjoints: each is one convolution of StableHLO with its own reading of the axes.
extension FunctionBody {
  mutating func convolution(_ value: Value, _ window: ConvolutionWindow) {
    convolve(
      value, factors(of: value), axes: "[b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1]",
      strides: window.strides, low: window.paddingLow, high: window.paddingHigh,
      filterDilation: window.dilations, featureGroups: window.groups)
  }

  /// The convolution of dy, spread by the strides, with the filter turned around.
  ///
  /// In each group the filter's axes of outputs and inputs change places. XLA's fast convolutions for CPUs take
  /// a reversed filter, not the attribute `reverse`.
  mutating func convolutionInputGradient(_ value: Value, _ window: ConvolutionWindow) {
    let node = graph[value]
    let (dy, x) = (type(node.operands[0]).shape, node.type.shape)
    let taps = spread(window.kernel, by: window.dilations)
    let low = zip(taps, window.paddingLow).map { $0 - 1 - $1 }
    let high = zeros(
      after: spread(dy[2...], by: window.strides), low, windows: taps, count: x[2...])
    var factors = factors(of: value)
    exchange(&factors, value, window)
    factors.names[1] = define(
      value, "turned", "reverse \(factors.names[1]), dims = [2, 3]",
      factors.types[1].mlir(of: factors.element))
    let filterAxes = window.groups == 1 ? "i, o" : "o, i"
    convolve(
      value, factors, axes: "[b, f, 0, 1]x[\(filterAxes), 0, 1]->[b, f, 0, 1]",
      low: low, high: high, inputDilation: window.strides, filterDilation: window.dilations,
      featureGroups: window.groups)
  }

  /// Makes the filter [M, C/g, kh, kw] one of [C, M/g, kh, kw]; it stays where there is one group.
  private mutating func exchange(
    _ factors: inout Factors, _ value: Value, _ window: ConvolutionWindow
  ) {
    let (groups, shape) = (window.groups, factors.types[1].shape)
    guard groups > 1 else { return }
    let (rows, columns) = (shape[0] / groups, shape[1])
    let split = TensorType([groups, rows, columns] + window.kernel)
    let turned = TensorType([groups, columns, rows] + window.kernel)
    let joined = TensorType([groups * columns, rows] + window.kernel)
    func signature(_ from: TensorType, _ to: TensorType) -> String {
      "(\(from.mlir(of: factors.element))) -> \(to.mlir(of: factors.element))"
    }
    let parts = define(
      value, "groups", "reshape \(factors.names[1])", signature(factors.types[1], split))
    let exchanged = define(
      value, "exchanged", "transpose \(parts), dims = [0, 2, 1, 3, 4]", signature(split, turned))
    factors.names[1] = define(
      value, "filter", "reshape \(exchanged)", signature(turned, joined))
    factors.types[1] = joined
  }

  /// The convolution of x with dy over the samples, where samples are features and channels the batch.
  mutating func convolutionFilterGradient(_ value: Value, _ window: ConvolutionWindow) {
    let node = graph[value]
    let (x, dy) = (type(node.operands[0]).shape, type(node.operands[1]).shape)
    let high = zeros(
      after: Array(x[2...]), window.paddingLow, windows: spread(dy[2...], by: window.strides),
      count: window.kernel, strides: window.dilations)
    convolve(
      value, factors(of: value), axes: "[f, b, 0, 1]x[i, o, 0, 1]->[f, b, 0, 1]",
      strides: window.dilations, low: window.paddingLow, high: high,
      filterDilation: window.strides, batchGroups: window.groups)
  }

  private mutating func convolve(
    _ value: Value, _ factors: Factors, axes: String,
    strides: [Int] = [1, 1], low: [Int], high: [Int], inputDilation: [Int] = [1, 1],
    filterDilation: [Int], featureGroups: Int = 1, batchGroups: Int = 1
  ) {
    let precision = "#stablehlo<precision \(factors.precision.rawValue)>"
    let window = [
      "stride = \(list(strides))", "pad = [[\(low[0]), \(high[0])], [\(low[1]), \(high[1])]]",
      "lhs_dilate = \(list(inputDilation))", "rhs_dilate = \(list(filterDilation))",
    ]
    let attributes = [
      "batch_group_count = \(batchGroups) : i64", "feature_group_count = \(featureGroups) : i64",
      "precision_config = [\(precision), \(precision)]",
    ]
    line(
      "\(names[value]) = stablehlo.convolution(\(listed(factors.names))) dim_numbers = \(axes),"
        + " window = {\(listed(window))} {\(listed(attributes))} : \(factors.signature)")
  }
}

/// The extents of elements with room between them.
private func spread(_ extents: some Collection<Int>, by steps: [Int]) -> [Int] {
  zip(extents, steps).map { ($0 - 1) * $1 + 1 }
}

/// The zeros after the last element with which a number of windows fit exactly; negative to leave elements out.
private func zeros(
  after extents: [Int], _ low: [Int], windows: [Int], count: some Collection<Int>,
  strides: [Int] = [1, 1]
) -> [Int] {
  zip(spread(count, by: strides), windows).enumerated().map { axis, sides in
    sides.0 - 1 + sides.1 - extents[axis] - low[axis]
  }
}

// Pooling and its adjoints.
extension FunctionBody {
  mutating func sumPool(_ value: Value, _ window: PoolWindow) {
    let node = graph[value]
    let zero = scalar(value, "zero", 0)
    sumWindows(
      value, names[node.operands[0]], type(node.operands[0]), zero, window)
  }

  /// The sum over all windows of dy spread by the strides.
  mutating func sumPoolGradient(_ value: Value, _ window: PoolWindow) {
    let node = graph[value]
    let (dy, x) = (type(node.operands[0]), node.type.shape)
    let zero = scalar(value, "zero", 0)
    let low = zip(window.kernel, window.paddingLow).map { $0 - 1 - $1 }
    let high = zeros(
      after: spread(dy.shape[2...], by: window.strides), low, windows: window.kernel,
      count: x[2...])
    let extent = zip(x[2...], window.kernel).map { $0 + $1 - 1 }
    let spread = TensorType(x[..<2] + extent)
    pad(
      part(value, "spread"), names[node.operands[0]], dy, zero, [0, 0] + low, [0, 0] + high,
      [0, 0] + window.strides.map { $0 - 1 }, spread)
    sumWindows(
      value, part(value, "spread"), spread, zero,
      PoolWindow(kernel: window.kernel, strides: [1, 1]))
  }

  private mutating func sumWindows(
    _ value: Value, _ operand: String, _ from: TensorType, _ zero: String, _ window: PoolWindow
  ) {
    foldWindows(value, operand, from, zero, window, function: "add")
  }

  private mutating func foldWindows(
    _ value: Value, _ operand: String, _ from: TensorType, _ neutral: String,
    _ window: PoolWindow, function: String
  ) {
    let (a, b, result) = (part(value, "a"), part(value, "b"), part(value, "fold"))
    line(
      "\(names[value]) = \"stablehlo.reduce_window\"(\(operand), \(neutral)) <{\(attributes(window))}> ({"
    )
    line("^bb0(\(a): tensor<f32>, \(b): tensor<f32>):")
    line("  \(result) = stablehlo.\(function) \(a), \(b) : tensor<f32>")
    line("  stablehlo.return \(result) : tensor<f32>")
    line("}) : (\(from.mlir), tensor<f32>) -> \(type(value).mlir)")
  }

  private func attributes(_ window: PoolWindow) -> String {
    let (low, high) = (window.paddingLow, window.paddingHigh)
    let padding = "[[0, 0], [0, 0], [\(low[0]), \(high[0])], [\(low[1]), \(high[1])]]"
    return "window_dimensions = array<i64: 1, 1, \(window.kernel[0]), \(window.kernel[1])>,"
      + " window_strides = array<i64: 1, 1, \(window.strides[0]), \(window.strides[1])>,"
      + " padding = dense<\(padding)> : tensor<4x2xi64>"
  }

  /// The maximum of each window, or in general a fold of triples (element of x, its place, element of t) by the
  /// order of ``appendOrder(_:)``.
  mutating func maxPoolSelect(_ value: Value, _ window: PoolWindow) {
    let node = graph[value]
    let (x, t) = (node.operands[0], node.operands[1])
    let lowest = scalar(value, "lowest", -.infinity)
    guard names[x] != names[t] else {
      return foldWindows(value, names[x], type(x), lowest, window, function: "maximum")
    }
    let places = places(value, type(x))
    let last = define(value, "last", "constant dense<\(Int32.max)>", "tensor<i32>")
    let zero = scalar(value, "zero", 0)
    let (from, indices) = (type(x).mlir, type(x).mlir(of: "i32"))
    let to = "\(node.type.mlir), \(node.type.mlir(of: "i32")), \(node.type.mlir)"
    let chosen = part(value, "chosen")
    line(
      "\(chosen):3 = \"stablehlo.reduce_window\"(\(names[x]), \(places), \(names[t]), \(lowest), \(last), \(zero))"
        + " <{\(attributes(window))}> ({")
    selection(value)
    line("}) : (\(from), \(indices), \(from), tensor<f32>, tensor<i32>, tensor<f32>) -> (\(to))")
    let identity = "reshape \(chosen)#2"
    line("\(names[value]) = stablehlo.\(identity) : (\(node.type.mlir)) -> \(node.type.mlir)")
  }

  /// The place of each element in its plane, row-major.
  private mutating func places(_ value: Value, _ type: TensorType) -> String {
    let plane = type.shape[2] * type.shape[3]
    let (line, square) = (TensorType([plane]), TensorType(Array(type.shape[2...])))
    let row = define(value, "row", "iota dim = 0", line.mlir(of: "i32"))
    let grid = define(
      value, "grid", "reshape \(row)", "(\(line.mlir(of: "i32"))) -> \(square.mlir(of: "i32"))")
    return define(
      value, "places", "broadcast_in_dim \(grid), dims = [2, 3]",
      "(\(square.mlir(of: "i32"))) -> \(type.mlir(of: "i32"))")
  }

  /// The body of the fold of two triples: the one with the larger element of x, where NaN is the largest; of two
  /// equal ones the one with the smaller place.
  private mutating func selection(_ value: Value) {
    let names = ["x", "i", "t", "y", "j", "u"].map { part(value, $0) }
    let types = ["f32", "i32", "f32", "f32", "i32", "f32"].map { "tensor<\($0)>" }
    let (x, i, t, y, j, u) = (names[0], names[1], names[2], names[3], names[4], names[5])
    line("^bb0(\(listed(zip(names, types).map { "\($0): \($1)" }))):")
    let isFirst = precedes(value, x, y, i, j)
    let kept = [(x, y, "f32"), (i, j, "i32"), (t, u, "f32")].enumerated().map { number, choice in
      let name = part(value, "kept\(number)")
      line(
        "  \(name) = stablehlo.select \(isFirst), \(choice.0), \(choice.1) : tensor<i1>, tensor<\(choice.2)>"
      )
      return name
    }
    line("  stablehlo.return \(listed(kept)) : \(listed(Array(types[..<3])))")
  }

  /// Whether element x at place i is chosen before y at j.
  private mutating func precedes(
    _ value: Value, _ x: String, _ y: String, _ i: String, _ j: String
  ) -> String {
    let (floats, bit) = ("(tensor<f32>, tensor<f32>) -> tensor<i1>", "tensor<i1>")
    func part(_ name: String) -> String { self.part(value, name) }
    let steps = [
      ("greater", "compare GT, \(x), \(y)", floats), ("equal", "compare EQ, \(x), \(y)", floats),
      ("xNaN", "compare NE, \(x), \(x)", floats), ("yNaN", "compare NE, \(y), \(y)", floats),
      ("number", "not \(part("yNaN"))", bit),
      ("onlyNaN", "and \(part("xNaN")), \(part("number"))", bit),
      ("larger", "or \(part("greater")), \(part("onlyNaN"))", bit),
      ("bothNaN", "and \(part("xNaN")), \(part("yNaN"))", bit),
      ("tie", "or \(part("equal")), \(part("bothNaN"))", bit),
      ("earlier", "compare LT, \(i), \(j)", "(tensor<i32>, tensor<i32>) -> tensor<i1>"),
      ("firstOfTie", "and \(part("tie")), \(part("earlier"))", bit),
      ("first", "or \(part("larger")), \(part("firstOfTie"))", bit),
    ]
    for (name, operation, type) in steps {
      line("  \(part(name)) = stablehlo.\(operation) : \(type)")
    }
    return part("first")
  }

  /// Elements of dy added up at the place of the first maximum of each window; NaN counts as the maximum.
  mutating func maxPoolScatter(_ value: Value, _ window: PoolWindow) {
    let node = graph[value]
    let zero = scalar(value, "zero", 0)
    let (x, y, sum) = (part(value, "x"), part(value, "y"), part(value, "sum"))
    let (isNaN, isLarger, isKept) = (part(value, "nan"), part(value, "larger"), part(value, "kept"))
    let floats = "(tensor<f32>, tensor<f32>) -> tensor<i1>"
    line(
      "\(names[value]) = \"stablehlo.select_and_scatter\"(\(operands(node)), \(zero)) <{\(attributes(window))}> ({"
    )
    line("^bb0(\(x): tensor<f32>, \(y): tensor<f32>):")
    line("  \(isLarger) = stablehlo.compare GE, \(x), \(y) : \(floats)")
    line("  \(isNaN) = stablehlo.compare NE, \(x), \(x) : \(floats)")
    line("  \(isKept) = stablehlo.or \(isLarger), \(isNaN) : tensor<i1>")
    line("  stablehlo.return \(isKept) : tensor<i1>")
    line("}, {")
    line("^bb0(\(x): tensor<f32>, \(y): tensor<f32>):")
    line("  \(sum) = stablehlo.add \(x), \(y) : tensor<f32>")
    line("  stablehlo.return \(sum) : tensor<f32>")
    line("}) : (\(listed(node.operands.map { type($0).mlir })), tensor<f32>) -> \(node.type.mlir)")
  }
}
