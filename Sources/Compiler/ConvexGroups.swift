import ModelIR
import TensorGraph

/// A parameter with its value after an update.
struct UpdatedParameter {
  let name: String
  let declaration: ParameterDeclaration
  var value: Value
}

extension GraphBuilder {
  /// Projects the parameters of each convex group onto the simplex, all of a group together.
  mutating func projectConvexGroups(_ parameters: inout [UpdatedParameter]) {
    let members = Dictionary(
      grouping: parameters.indices.filter { parameters[$0].declaration.convexGroup != nil }
    ) { parameters[$0].declaration.convexGroup ?? "" }
    for group in members.keys.sorted() {
      let indices = members[group] ?? []
      let vector = apply(.concatenate(axis: 0), indices.map { parameters[$0].value })
      let projected = simplexProjection(vector)
      var start = 0
      for index in indices {
        let count = type(parameters[index].value).count
        parameters[index].value = apply(
          .slice(starts: [start], limits: [start + count], strides: [1]), [projected])
        start += count
      }
    }
  }

  /// The point of {a ≥ 0, Σ a = 1} nearest to a vector v: max(v − τ, 0) with τ the largest of
  /// (Σ S − 1)/|S| over the sets S of elements not below one of v.
  ///
  /// - Reference: Michelot 1986.
  mutating func simplexProjection(_ v: Value) -> Value {
    let count = shape(v)[0]
    let square = [count, count]
    let rows = broadcast(v, to: square, axes: [0])
    let columns = broadcast(v, to: square, axes: [1])
    let isInSet = compare(.greaterOrEqual, columns, rows)
    let sums = sum(multiply(isInSet, columns), axes: [1])
    let sizes = sum(isInSet, axes: [1])
    let thresholds = divide(subtract(sums, splat(1)), sizes)
    let shifted = subtract(v, maximum(of: thresholds))
    return maximum(shifted, splat(0, like: shifted))
  }
}
