import Enclosure

/// An elementwise function with difference quotients in [lowest, highest].
struct Pointwise: Sendable {
  private enum Function: Sendable {
    case relu, abs, tanh, sigmoid, softplus, gelu, silu, mish, hardSigmoid
    /// Slopes below 0 by channel, and how many elements a channel has.
    case leaky([Double], area: Int)
    case clamp(Double, Double)
    case exponential(slope: Double, depth: Double)
  }

  private let function: Function
  /// Never above the least difference quotient.
  let lowest: Double
  /// Never below the largest.
  let highest: Double

  /// A function of a kind; nil for one that the checker does not know.
  init?(_ kind: String, _ keys: Entry) throws(Refusal) {
    func stored(_ number: Double) -> Double { Double(Float(number)) }
    func number(_ key: String) throws(Refusal) -> Double { stored(try keys(key).number) }
    switch kind {
    case "relu": (function, lowest, highest) = (.relu, 0, 1)
    case "abs": (function, lowest, highest) = (.abs, -1, 1)
    case "tanh": (function, lowest, highest) = (.tanh, 0, 1)
    case "sigmoid": (function, lowest, highest) = (.sigmoid, 0, 0.25)
    case "softplus": (function, lowest, highest) = (.softplus, 0, 1)
    // The extrema of the derivatives, rounded outward.
    case "gelu":
      (function, lowest, highest) = (.gelu, -0x1.07fee57f1cd3cp-3, 0x1.20ffdcafe39a8p+0)
    case "silu":
      (function, lowest, highest) = (.silu, -0x1.98f11d6cef08cp-4, 0x1.198f11d6cef09p+0)
    case "mish":
      (function, lowest, highest) = (.mish, -0x1.cce830f9bc267p-4, 0x1.16a7d0c455120p+0)
    case "hard_sigmoid": (function, lowest, highest) = (.hardSigmoid, 0, stored(1.0 / 6))
    case "hard_tanh":
      (function, lowest, highest) = (.clamp(try number("lowest"), try number("highest")), 0, 1)
    case "leaky_relu":
      let slope = try number("slope")
      (function, lowest, highest) = (.leaky([slope], area: .max), min(slope, 1), max(slope, 1))
    case "elu":
      let alpha = try number("alpha")
      (function, lowest, highest) = (.exponential(slope: 1, depth: alpha), 0, max(1, alpha))
    case "selu":
      let depth = stored(1.758099340847376854)
      (function, lowest, highest) = (
        .exponential(slope: stored(1.050700987355480493), depth: depth), 0, depth
      )
    default: return nil
    }
  }

  /// The identity above 0 and a slope for each channel below.
  init(slopes: [Double], area: Int) {
    function = .leaky(slopes, area: area)
    (lowest, highest) = (min(slopes.min() ?? 1, 1), max(slopes.max() ?? 1, 1))
  }

  /// Bounds the function's Lipschitz constant.
  var constant: Double { max(-lowest, highest) }

  /// What execution makes of an element.
  func callAsFunction(_ x: Rounded, at index: Int = 0) -> Rounded {
    switch function {
    case .relu: return x.clamped(above: 0)
    case .abs: return x.absolute
    case .tanh: return x.hyperbolicTangent
    case .sigmoid: return x.logistic
    case .softplus: return Self.softplus(x)
    case .gelu:
      let scaled = x.scaled(Double(Float(0.5.squareRoot())))
      return (x * scaled.errorFunction.plus(1)).scaled(0.5)
    case .silu: return x * x.logistic
    case .mish: return x * Self.softplus(x).hyperbolicTangent
    case .hardSigmoid: return x.scaled(highest).plus(0.5).clamped(above: 0).clamped(below: 1)
    case .clamp(let low, let high): return x.clamped(above: low).clamped(below: high)
    case .leaky(let slopes, let area):
      return Self.joined(x, above: x, below: { $0.scaled(slopes[index / area]) })
    case .exponential(let slope, let depth):
      return Self.joined(
        x, above: x.scaled(slope), below: { $0.exponential.plus(-1).scaled(depth) })
    }
  }

  private static func softplus(_ x: Rounded) -> Rounded {
    x.clamped(above: 0) + x.negativeMagnitude.exponential.logOnePlus
  }

  /// One branch where the argument, as executed, is positive, and the other elsewhere; both branches
  /// rise or both pass through 0, and the argument carries no error but underflow.
  private static func joined(
    _ x: Rounded, above: Rounded, below branch: (Rounded) -> Rounded
  ) -> Rounded {
    if x.low > 0 { return above }
    let below = branch(
      Rounded(low: x.low, high: min(x.high, 0), error: x.error))
    if x.high <= 0 { return below }
    let top = max(above.high, below.high)
    return Rounded(
      low: min(below.low, 0), high: top,
      error: Rounded.finished(max(above.error, below.error), max(-below.low, top)))
  }
}
