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
    switch self {
    case .unary(let function): Self.run(function, d, a, count)
    case .binary(let function): Self.run(function, d, a, b, count)
    case .compare(let relation): Self.run(relation, d, a, b, count)
    case .select: Self.runSelect(d, a, b, c, count)
    case .copy: map(d, a, count) { $0 }
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
    case .sqrt: map(d, a, count) { $0.squareRoot() }
    case .tanh: map(d, a, count) { $0.hyperbolicTangent }
    case .logistic: map(d, a, count) { $0.logistic }
    case .erf: map(d, a, count) { $0.errorFunction }
    }
  }

  private static func run(
    _ function: Operation.Binary, _ d: Elements, _ a: TapeSource, _ b: TapeSource, _ count: Int
  ) {
    switch function {
    case .add: map(d, a, b, count) { $0 + $1 }
    case .subtract: map(d, a, b, count) { $0 - $1 }
    case .multiply: map(d, a, b, count) { $0 * $1 }
    case .divide: map(d, a, b, count) { $0 / $1 }
    case .maximum: map(d, a, b, count) { Lanes.larger($0, $1) }
    case .minimum: map(d, a, b, count) { Lanes.smaller($0, $1) }
    }
  }

  private static func run(
    _ relation: Operation.Comparison, _ d: Elements, _ a: TapeSource, _ b: TapeSource, _ count: Int
  ) {
    switch relation {
    case .less: map(d, a, b, count) { Lanes(indicator: $0 .< $1) }
    case .lessOrEqual: map(d, a, b, count) { Lanes(indicator: $0 .<= $1) }
    case .greater: map(d, a, b, count) { Lanes(indicator: $0 .> $1) }
    case .greaterOrEqual: map(d, a, b, count) { Lanes(indicator: $0 .>= $1) }
    case .equal: map(d, a, b, count) { Lanes(indicator: $0 .== $1) }
    }
  }

  private static func runSelect(
    _ d: Elements, _ mask: TapeSource, _ a: TapeSource, _ b: TapeSource, _ count: Int
  ) {
    let whole = count & ~7
    var i = 0
    while i < whole {
      let chosen = mask.lanes(at: i) .!= 0
      a.lanes(at: i).selected(by: chosen, else: b.lanes(at: i)).store(d + i)
      i &+= 8
    }
    while i < count {
      d[i] = mask.element(at: i) != 0 ? a.element(at: i) : b.element(at: i)
      i &+= 1
    }
  }
}

extension TapeSource {
  @inline(__always)
  fileprivate func lanes(at i: Int) -> Lanes {
    isScalar ? Lanes(repeating: address.pointee) : .load(address + i)
  }

  @inline(__always)
  fileprivate func element(at i: Int) -> Float { isScalar ? address.pointee : address[i] }
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

@inline(__always)
private func map(
  _ d: Elements, _ a: TapeSource, _ b: TapeSource, _ count: Int, _ f: (Lanes, Lanes) -> Lanes
) {
  let whole = count & ~7
  let rest = count &- whole
  let (x, y) = (a.address, b.address)
  var i = 0
  switch (a.isScalar, b.isScalar) {
  case (false, false):
    while i < whole {
      f(.load(x + i), .load(y + i)).store(d + i)
      i &+= 8
    }
  case (false, true):
    let v = Lanes(repeating: y.pointee)
    while i < whole {
      f(.load(x + i), v).store(d + i)
      i &+= 8
    }
  case (true, false):
    let u = Lanes(repeating: x.pointee)
    while i < whole {
      f(u, .load(y + i)).store(d + i)
      i &+= 8
    }
  case (true, true):
    let value = f(Lanes(repeating: x.pointee), Lanes(repeating: y.pointee))
    while i < whole {
      value.store(d + i)
      i &+= 8
    }
  }
  if rest > 0 {
    let u = a.isScalar ? Lanes(repeating: x.pointee) : .load(x + whole, count: rest)
    let v = b.isScalar ? Lanes(repeating: y.pointee) : .load(y + whole, count: rest)
    f(u, v).store(d + whole, count: rest)
  }
}
