import TensorGraph

/// Arithmetic on each sample of a batch [N, …] independently.
extension Tensor {
  /// A number for each sample, [N], repeated over the elements of the sample.
  public func spread(like batch: Tensor) -> Tensor { broadcast(like: batch, axes: [0]) }

  /// Each sample times its number; `numbers` is [N].
  public func scaledSamples(by numbers: Tensor) -> Tensor { self * numbers.spread(like: self) }

  /// Each sample's Euclidean norm, [N], without overflow or underflow of intermediate results.
  public func sampleNorms() -> Tensor {
    let largest = largestMagnitudes()
    let unit = scaledSamples(by: largest.reciprocalOrZero())
    return sqrt((unit * unit).sum(axes: sampleAxes)) * largest
  }

  /// Each sample divided by its Euclidean norm; samples of zeros stay as they are.
  public func sampleDirections() -> Tensor {
    // Two divisions, since a norm may be too small to have a reciprocal.
    let unit = scaledSamples(by: largestMagnitudes().reciprocalOrZero())
    return unit.scaledSamples(by: unit.sampleNorms().reciprocalOrZero())
  }

  /// Every element moved into the box.
  public func confined(to box: AttackBox?) -> Tensor {
    box.map { clipped(to: $0.low...$0.high) } ?? self
  }

  private var sampleAxes: [Int] { Array(1..<rank) }

  private func largestMagnitudes() -> Tensor { abs(self).maximum(axes: sampleAxes) }

  private func reciprocalOrZero() -> Tensor {
    let isLarge = self .> Double(Float.leastNormalMagnitude)
    return select(isLarge, 1 / select(isLarge, self, 1), 0)
  }
}

/// Logits [N, K] with one-hot labels [N, K].
extension Tensor {
  /// F_t, [N]: each sample's logit of the label.
  public func at(_ labels: Tensor) -> Tensor { (self * labels).sum(axes: [1]) }

  /// The margins F_t − max F_i over i ≠ t, [N].
  public func margins(labels: Tensor) -> Tensor {
    select(labels .> 0, self, 0).sum(axes: [1]) - withoutLabels(labels).maximum(axes: [1])
  }

  /// Logits with the label's replaced by the lowest number, [N, K].
  public func withoutLabels(_ labels: Tensor) -> Tensor {
    select(labels .> 0, -Double(Float.greatestFiniteMagnitude), self)
  }

  /// 1 for each sample whose label's logit is not strictly the largest, [N]; also for NaN.
  public func misclassified(labels: Tensor) -> Tensor { 1 - (margins(labels: labels) .> 0) }
}
