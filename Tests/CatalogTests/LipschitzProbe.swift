import TensorGraph

/// Attacks a claimed Lipschitz constant from below: difference quotients of near and far pairs, and
/// singular values of the Jacobian by power iteration, in Double.
struct LipschitzProbe {
  private let graph: ReferenceEvaluator
  private let jacobian: ReferenceEvaluator
  private let count: Int
  private let results: Int

  /// Input `x` [E] to output `y`; other inputs are parameters.
  init(_ graph: Graph) {
    self.graph = ReferenceEvaluator(graph)
    let builder = GraphBuilder(extending: graph)
    let x = builder.tensor(graph.inputs.first { $0.name == "x" }!.value)
    let y = builder.tensor(graph.outputs.first { $0.name == "y" }!.value)
    count = x.type.count
    results = y.type.count
    let cotangent = builder.input("cotangent", y.shape)
    let tangent = builder.input("tangent", x.shape)
    let adjoint = pullback(of: [(y, cotangent)], to: [x])[0]
    let image = pullback(of: [(adjoint, tangent)], to: [cotangent])[0]
    builder.output("adjoint", adjoint)
    builder.output("image", image)
    jacobian = ReferenceEvaluator(builder.graph)
  }

  /// The largest ratio found for given parameters: a lower bound up to the rounding of Double.
  ///
  /// Base points have several scales, so that functions are seen near 0, at their bends and far out;
  /// one more has a single element other than 0.
  func largestRatio(parameters: [String: [Double]], seed: UInt64) -> Double {
    var best = 0.0
    for (position, scale) in [0.005, 0.3, 4, 40].enumerated() {
      let draw = { (name: String, scale: Double) in
        Draw(seed: seed, "\(name)\(position)").centered(count, scale: scale)
      }
      let x = draw("x", scale)
      let pairs = [draw("far", scale), zip(x, draw("near", 0x1p-10)).map { $0 + $1 }]
      for other in pairs { best = max(best, ratio(x, other, parameters)) }
      best = max(best, slope(at: x, parameters, start: draw("v", 1)))
    }
    let start = Draw(seed: seed, "v").centered(count, scale: 1)
    let lonely = (0..<count).map { $0 == Int(seed * 7) % count ? 1.0 : 0 }
    return max(best, slope(at: lonely, parameters, start: start))
  }

  /// ‖f(x) − f(y)‖/‖x − y‖.
  func ratio(_ x: [Double], _ other: [Double], _ parameters: [String: [Double]]) -> Double {
    let (a, b) = (value(x, parameters), value(other, parameters))
    let distance = norm(zip(x, other).map { $0 - $1 })
    return distance == 0 ? 0 : norm(zip(a, b).map { $0 - $1 }) / distance
  }

  /// f(x).
  func value(_ x: [Double], _ parameters: [String: [Double]]) -> [Double] {
    graph.evaluate(parameters.merging(["x": x]) { $1 })["y"]!
  }

  /// ‖J v‖ for unit v after power iterations with the Jacobian at x.
  func slope(
    at x: [Double], _ parameters: [String: [Double]], start: [Double], steps: Int = 10
  ) -> Double {
    var v = start
    var best = 0.0
    for _ in 0..<steps {
      let size = norm(v)
      guard size > 0 else { return best }
      v = v.map { $0 / size }
      var inputs = parameters.merging(["x": x, "tangent": v]) { $1 }
      inputs["cotangent"] = Array(repeating: 0, count: results)
      let image = jacobian.evaluate(inputs)["image"]!
      best = max(best, norm(image))
      inputs["cotangent"] = image
      v = jacobian.evaluate(inputs)["adjoint"]!
    }
    return best
  }
}

/// The Euclidean norm.
func norm(_ vector: [Double]) -> Double {
  vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
