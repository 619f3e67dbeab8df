import TensorGraph

/// Arithmetic on each sample of a batch [N, …] for itself.
extension GraphBuilder {
  /// A number for each sample, [N], repeated over the elements of the sample.
  public mutating func spread(_ numbers: Value, like batch: Value) -> Value {
    broadcast(numbers, to: shape(batch), axes: [0])
  }

  /// Each sample times its number; `numbers` is [N].
  public mutating func scaleSamples(_ batch: Value, by numbers: Value) -> Value {
    multiply(batch, spread(numbers, like: batch))
  }

  /// Each sample's Euclidean norm, [N], without overflow or underflow on the way.
  public mutating func sampleNorms(_ batch: Value) -> Value {
    let largest = largestMagnitudes(batch)
    let unit = scaleSamples(batch, by: reciprocalOrZero(largest))
    let square = multiply(unit, unit)
    let root = unary(.sqrt, sum(square, axes: sampleAxes(batch)))
    return multiply(root, largest)
  }

  /// Each sample divided by its Euclidean norm; samples of zeros stay as they are.
  public mutating func sampleDirections(_ batch: Value) -> Value {
    // Two divisions, since a norm may be too small to have a reciprocal.
    let unit = scaleSamples(batch, by: reciprocalOrZero(largestMagnitudes(batch)))
    return scaleSamples(unit, by: reciprocalOrZero(sampleNorms(unit)))
  }

  /// The margins F_t − max F_i over i ≠ t, [N], of logits and one-hot labels [N, K].
  public mutating func margins(_ logits: Value, labels: Value) -> Value {
    let isLabel = compare(.greater, labels, splat(0))
    let zero = splat(0, like: logits)
    let own = sum(select(isLabel, logits, zero), axes: [1])
    return subtract(own, maximum(of: withoutLabels(logits, labels: labels), axes: [1]))
  }

  /// Logits with the label's replaced by the lowest number, [N, K].
  public mutating func withoutLabels(_ logits: Value, labels: Value) -> Value {
    let lowest = splat(-Double(Float.greatestFiniteMagnitude), like: logits)
    return select(compare(.greater, labels, splat(0)), lowest, logits)
  }

  /// 1 for each sample whose label's logit is not strictly the largest, [N]; so for NaN.
  public mutating func misclassified(_ logits: Value, labels: Value) -> Value {
    let margins = margins(logits, labels: labels)
    let isAhead = compare(.greater, margins, splat(0))
    return subtract(splat(1), isAhead)
  }

  /// Every element moved into the box.
  public mutating func confine(_ batch: Value, to box: AttackBox?) -> Value {
    guard let box else { return batch }
    let raised = maximum(batch, splat(box.low, like: batch))
    return minimum(raised, splat(box.high, like: batch))
  }

  private func sampleAxes(_ batch: Value) -> [Int] { Array(1..<type(batch).rank) }

  private mutating func largestMagnitudes(_ batch: Value) -> Value {
    maximum(of: unary(.abs, batch), axes: sampleAxes(batch))
  }

  private mutating func reciprocalOrZero(_ numbers: Value) -> Value {
    let smallest = splat(Double(Float.leastNormalMagnitude), like: numbers)
    let isLarge = compare(.greater, numbers, smallest)
    let safe = select(isLarge, numbers, splat(1, like: numbers))
    return select(isLarge, divide(splat(1, like: numbers), safe), splat(0, like: numbers))
  }
}
