import TensorGraph

extension GraphBuilder {
  /// d[i, j] = ‖wᵢ − wⱼ‖₂ between the rows of W [K, D], as [K, K].
  ///
  /// From ‖wᵢ‖² + ‖wⱼ‖² − 2 wᵢ·wⱼ, one matrix product instead of K²·D elements. Cancellation leaves an
  /// error of about 10⁻⁶ of the squares in float32; squared distances below that, equal rows and the
  /// diagonal among them, give distance and derivative 0 instead of a root of noise. For training only:
  /// certificates compute their own distances.
  mutating func rowDistances(_ weight: Value) -> Value {
    let classes = shape(weight)[0]
    let square = [classes, classes]
    let gram = dot(weight, weight, transposeRight: true)
    let squares = sum(multiply(weight, weight), axes: [1])
    let total = add(
      broadcast(squares, to: square, axes: [0]), broadcast(squares, to: square, axes: [1]))
    let difference = subtract(total, scale(gram, by: 2))
    let noise = scale(total, by: 1e-6)
    let isDistance = compare(.greater, difference, noise)
    let one = splat(1, square)
    let zero = splat(0, square)
    let root = unary(.sqrt, select(isDistance, difference, one))
    return select(isDistance, root, zero)
  }
}
