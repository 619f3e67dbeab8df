import RealModule
import TensorGraph

/// Interval readings of the elementwise operations.
enum Elementary {
  /// Units in the last place that a result of the C library may be off; glibc documents at most 2 for
  /// the functions used here.
  static let slack = 4

  static func unary(_ function: Operation.Unary, _ x: LaneTensor) -> LaneTensor {
    var result = x
    for i in x.lower.indices {
      (result.lower[i], result.upper[i]) = interval(function, x.lower[i], x.upper[i])
    }
    return result
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
      return lower <= 0 && upper >= 0 ? (0, peak(a, b)) : (trough(a, b), peak(a, b))
    case .sign:
      guard !lower.isNaN, !upper.isNaN else { return (.nan, .nan) }
      return (lower > 0 ? 1 : lower < 0 ? -1 : 0, upper > 0 ? 1 : upper < 0 ? -1 : 0)
    case .exp:
      let (low, high) = monotone(Double.exp)
      return (peak(low, 0), high)
    case .log: return monotone { Double.log($0) }
    case .log1p: return monotone { Double.log(onePlus: $0) }
    case .sqrt: return (peak(0, lower).squareRoot().nextDown, upper.squareRoot().nextUp)
    case .tanh:
      let (low, high) = monotone(Double.tanh)
      return (peak(low, -1), trough(high, 1))
    case .logistic: return logistic(lower, upper)
    case .erf:
      let (low, high) = monotone(Double.erf)
      return (peak(low, -1), trough(high, 1))
    }
  }

  /// 1/(1 + e⁻ˣ) with every step rounded outward.
  private static func logistic(_ lower: Double, _ upper: Double) -> (Double, Double) {
    let most = (1 + widened(Double.exp(-lower), down: false)).nextUp
    let least = (1 + max(0, widened(Double.exp(-upper), down: true))).nextDown
    return (max(0, (1 / most).nextDown), trough((1 / least).nextUp, 1))
  }

  static func binary(
    _ function: Operation.Binary, _ a: LaneTensor, _ b: LaneTensor
  ) -> LaneTensor {
    zip(a, b) { al, au, bl, bu in
      switch function {
      case .add: ((al + bl).nextDown, (au + bu).nextUp)
      case .subtract: ((al - bu).nextDown, (au - bl).nextUp)
      case .multiply: product(al, au, bl, bu)
      case .divide: bl > 0 || bu < 0 ? quotient(al, au, bl, bu) : (-.infinity, .infinity)
      case .maximum: (peak(al, bl), peak(au, bu))
      case .minimum: (trough(al, bl), trough(au, bu))
      }
    }
  }

  /// A mask: [1, 1] where the relation surely holds, [0, 0] where it surely does not, else [0, 1].
  static func compare(
    _ relation: Operation.Comparison, _ a: LaneTensor, _ b: LaneTensor
  ) -> LaneTensor {
    zip(a, b) { al, au, bl, bu in
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
  }

  /// a where the mask is surely not 0, b where it surely is, else the hull of both.
  static func select(_ mask: LaneTensor, _ a: LaneTensor, _ b: LaneTensor) -> LaneTensor {
    let lanes = max(mask.lanes, a.lanes, b.lanes)
    var result = LaneTensor(a.type, lanes: lanes)
    for index in 0..<a.type.count {
      for lane in 0..<lanes {
        let (m, i, j) = (
          mask.position(index, lane), a.position(index, lane), b.position(index, lane)
        )
        let out = result.position(index, lane)
        let isSet = mask.lower[m] > 0 || mask.upper[m] < 0
        let isClear = mask.lower[m] == 0 && mask.upper[m] == 0
        result.lower[out] =
          isSet ? a.lower[i] : isClear ? b.lower[j] : trough(a.lower[i], b.lower[j])
        result.upper[out] =
          isSet ? a.upper[i] : isClear ? b.upper[j] : peak(a.upper[i], b.upper[j])
      }
    }
    return result
  }

  private static func zip(
    _ a: LaneTensor, _ b: LaneTensor,
    _ body: (Double, Double, Double, Double) -> (Double, Double)
  ) -> LaneTensor {
    let lanes = max(a.lanes, b.lanes)
    var result = LaneTensor(a.type, lanes: lanes)
    for index in 0..<a.type.count {
      for lane in 0..<lanes {
        let (i, j, out) = (
          a.position(index, lane), b.position(index, lane), result.position(index, lane)
        )
        (result.lower[out], result.upper[out]) = body(
          a.lower[i], a.upper[i], b.lower[j], b.upper[j])
      }
    }
    return result
  }

  private static func product(
    _ al: Double, _ au: Double, _ bl: Double, _ bu: Double
  ) -> (Double, Double) {
    let corners = [al * bl, al * bu, au * bl, au * bu]
    return (
      corners.dropFirst().reduce(corners[0], trough).nextDown,
      corners.dropFirst().reduce(corners[0], peak).nextUp
    )
  }

  /// For a divisor whose interval does not hold 0.
  private static func quotient(
    _ al: Double, _ au: Double, _ bl: Double, _ bu: Double
  ) -> (Double, Double) {
    let corners = [al / bl, al / bu, au / bl, au / bu]
    return (
      corners.dropFirst().reduce(corners[0], trough).nextDown,
      corners.dropFirst().reduce(corners[0], peak).nextUp
    )
  }

  private static func widened(_ number: Double, down: Bool) -> Double {
    var result = number
    for _ in 0..<slack { result = down ? result.nextDown : result.nextUp }
    return result
  }

  /// The larger, NaN if either is: unlike `max`, which may lose one.
  static func peak(_ a: Double, _ b: Double) -> Double {
    a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
  }

  /// The smaller, NaN if either is.
  static func trough(_ a: Double, _ b: Double) -> Double {
    a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
  }
}
