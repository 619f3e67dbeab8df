import TensorGraph

/// F(x) = W x + b on seeded points: the nearest point of class i is on a plane, at (F_t − F_i)/‖w_t − w_i‖.
struct LinearTarget {
  static let features = 6
  let classes: Int
  let target: Target
  /// The distance from each point to the nearest one whose label is not strictly ahead.
  let nearest: [Double]

  init(classes: Int = 4, seed: UInt64 = 1, count: Int = 12) throws {
    self.classes = classes
    func draw(_ name: String, _ count: Int) -> [Float] {
      (0..<count).map {
        Float(
          CounterRandom.uniform(
            stream: CounterRandom.stream(seed: seed, name), counter: 0, index: UInt64($0)) - 0.5)
      }
    }
    let weight = draw("weight", classes * Self.features)
    let bias = draw("bias", classes)
    let points = (0..<count).map { draw("point \($0)", Self.features) }
    func row(_ k: Int) -> ArraySlice<Float> {
      weight[k * Self.features..<(k + 1) * Self.features]
    }
    func logit(_ k: Int, _ x: [Float]) -> Double {
      zip(row(k), x).reduce(Double(bias[k])) { $0 + Double($1.0) * Double($1.1) }
    }
    let labels = points.map { x in
      (0..<classes).max { logit($0, x) < logit($1, x) }!
    }
    nearest = zip(points, labels).map { x, t in
      (0..<classes).filter { $0 != t }.map { i in
        (logit(t, x) - logit(i, x)) / distance(Array(row(t)), Array(row(i)))
      }.min()!
    }
    target = try Target(
      layers: "[dense: \(classes)]",
      weights: ["dense_1.weight": weight, "dense_1.bias": bias], points: points, labels: labels,
      classes: classes)
  }
}
