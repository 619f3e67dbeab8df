import RealModule
import TensorGraph

/// Interval arithmetic for the elementwise operations.
enum ElementwiseEnclosure {
  /// A bound on the error of the C library's functions in units in the last place; glibc documents at most
  /// 2 for the functions used here.
  static let slack = 4

  static func unary(_ function: Operation.Unary, _ x: IntervalTensor) -> IntervalTensor {
    let ends = LaneLoop.ends(x.lower, x.upper) { interval(function, $0, $1) }
    return IntervalTensor(x.type, lanes: x.lanes, lower: ends.lower, upper: ends.upper)
  }

  private static func interval(
    _ function: Operation.Unary, _ lower: Double, _ upper: Double
  ) -> (Double, Double) {
    func monotone(_ f: (Double) -> Double) -> (Double, Double) {
      (widened(f(lower), down: true), widened(f(upper), down: false))
    }
    switch function {
    case .negate: return (-upper, -lower)
    case .abs:
      let (a, b) = (Swift.abs(lower), Swift.abs(upper))
      return lower <= 0 && upper >= 0 ? (0, maxOrNaN(a, b)) : (minOrNaN(a, b), maxOrNaN(a, b))
    case .sign:
      guard !lower.isNaN, !upper.isNaN else { return (.nan, .nan) }
      return (lower > 0 ? 1 : lower < 0 ? -1 : 0, upper > 0 ? 1 : upper < 0 ? -1 : 0)
    case .exp:
      let (low, high) = monotone(Double.exp)
      return (maxOrNaN(low, 0), high)
    case .log: return monotone { Double.log($0) }
    case .log1p: return monotone { Double.log(onePlus: $0) }
    case .sqrt: return (maxOrNaN(0, lower).squareRoot().nextDown, upper.squareRoot().nextUp)
    case .tanh:
      let (low, high) = monotone(Double.tanh)
      return (maxOrNaN(low, -1), minOrNaN(high, 1))
    case .logistic: return logistic(lower, upper)
    case .bfloat16: return (lower.roundedToBFloat16, upper.roundedToBFloat16)
    case .erf:
      let (low, high) = monotone(Double.erf)
      return (maxOrNaN(low, -1), minOrNaN(high, 1))
    }
  }

  /// 1/(1 + e⁻ˣ) with every operation rounded outward.
  private static func logistic(_ lower: Double, _ upper: Double) -> (Double, Double) {
    let most = (1 + widened(Double.exp(-lower), down: false)).nextUp
    let least = (1 + max(0, widened(Double.exp(-upper), down: true))).nextDown
    return (max(0, (1 / most).nextDown), minOrNaN((1 / least).nextUp, 1))
  }

  static func binary(
    _ function: Operation.Binary, _ a: IntervalTensor, _ b: IntervalTensor
  ) -> IntervalTensor {
    switch function {
    case .add: zip(a, b) { BinaryRules.enclosure(.add, $0, $1) }
    case .subtract: zip(a, b) { BinaryRules.enclosure(.subtract, $0, $1) }
    case .multiply: zip(a, b) { BinaryRules.enclosure(.multiply, $0, $1) }
    case .divide: zip(a, b) { BinaryRules.enclosure(.divide, $0, $1) }
    case .maximum: extremum(a, b, maxOrNaN)
    case .minimum: extremum(a, b, minOrNaN)
    }
  }

  /// A mask: [1, 1] if the relation always holds, [0, 0] if it never does, else [0, 1].
  static func compare(
    _ relation: Operation.Comparison, _ a: IntervalTensor, _ b: IntervalTensor
  ) -> IntervalTensor {
    func mask(_ al: Double, _ au: Double, _ bl: Double, _ bu: Double) -> (Double, Double) {
      guard !(al.isNaN || au.isNaN || bl.isNaN || bu.isNaN) else { return (0, 1) }
      let surely: Bool
      let possibly: Bool
      switch relation {
      case .less: (surely, possibly) = (au < bl, al < bu)
      case .lessOrEqual: (surely, possibly) = (au <= bl, al <= bu)
      case .greater: (surely, possibly) = (al > bu, au > bl)
      case .greaterOrEqual: (surely, possibly) = (al >= bu, au >= bl)
      case .equal: (surely, possibly) = (al == au && bl == bu && al == bl, al <= bu && bl <= au)
      }
      return (surely ? 1 : 0, possibly ? 1 : 0)
    }
    var result = IntervalTensor(a.type, lanes: max(a.lanes, b.lanes))
    for element in 0..<a.type.count {
      for lane in 0..<result.lanes {
        let (i, j) = (a.position(element, lane), b.position(element, lane))
        let out = result.position(element, lane)
        (result.lower[out], result.upper[out]) = mask(
          a.lower[i], a.upper[i], b.lower[j], b.upper[j])
      }
    }
    return result
  }

  /// a if the mask is never 0, b if it is always 0, else the hull of both.
  static func select(_ mask: IntervalTensor, _ a: IntervalTensor, _ b: IntervalTensor)
    -> IntervalTensor
  {
    let lanes = max(mask.lanes, a.lanes, b.lanes)
    var result = IntervalTensor(a.type, lanes: lanes)
    for index in 0..<a.type.count {
      for lane in 0..<lanes {
        let (m, i, j) = (
          mask.position(index, lane), a.position(index, lane), b.position(index, lane)
        )
        let out = result.position(index, lane)
        let isSet = mask.lower[m] > 0 || mask.upper[m] < 0
        let isClear = mask.lower[m] == 0 && mask.upper[m] == 0
        result.lower[out] =
          isSet ? a.lower[i] : isClear ? b.lower[j] : minOrNaN(a.lower[i], b.lower[j])
        result.upper[out] =
          isSet ? a.upper[i] : isClear ? b.upper[j] : maxOrNaN(a.upper[i], b.upper[j])
      }
    }
    return result
  }

  /// The larger or the smaller elements; those of points are points.
  @inline(__always)
  private static func extremum(
    _ a: IntervalTensor, _ b: IntervalTensor, _ body: (Lanes, Lanes) -> Lanes
  ) -> IntervalTensor {
    guard a.isExact && b.isExact else {
      return zip(a, b) { Ends(body($0.lower, $1.lower), body($0.upper, $1.upper)) }
    }
    let lanes = max(a.lanes, b.lanes)
    let (x, y) = (LaneReader(a.lower, lanes: a.lanes), LaneReader(b.lower, lanes: b.lanes))
    return IntervalTensor(
      a.type, lanes: lanes,
      exactly: LaneLoop.fill(a.type.count, lanes: lanes) { body(x[$0, $1], y[$0, $1]) })
  }

  @inline(__always)
  private static func zip(
    _ a: IntervalTensor, _ b: IntervalTensor, _ body: (Ends, Ends) -> Ends
  ) -> IntervalTensor {
    let lanes = max(a.lanes, b.lanes)
    let (x, y) = (EndsReader(a), EndsReader(b))
    let (lower, upper) = LaneLoop.fill(a.type.count, lanes: lanes) {
      let ends = body(x[$0, $1], y[$0, $1])
      return (ends.lower, ends.upper)
    }
    return IntervalTensor(a.type, lanes: lanes, lower: lower, upper: upper)
  }

  private static func widened(_ number: Double, down: Bool) -> Double {
    var result = number
    for _ in 0..<slack { result = down ? result.nextDown : result.nextUp }
    return result
  }
}
