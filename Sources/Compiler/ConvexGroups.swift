import ModelIR
import TensorGraph

/// A parameter with its value after an update.
struct UpdatedParameter {
  let name: String
  let declaration: ParameterDeclaration
  var value: Tensor
}

extension [UpdatedParameter] {
  /// Projects the parameters of each convex group onto the simplex, all of a group together.
  mutating func projectConvexGroups() {
    let members = Dictionary(grouping: indices.filter { self[$0].declaration.convexGroup != nil }) {
      self[$0].declaration.convexGroup ?? ""
    }
    for group in members.keys.sorted() {
      let indices = members[group] ?? []
      let projected = concatenate(indices.map { self[$0].value }, axis: 0).simplexProjection()
      var start = 0
      for index in indices {
        let count = self[index].value.type.count
        self[index].value = projected.sliced(start..<start + count, axis: 0)
        start += count
      }
    }
  }
}

extension Tensor {
  /// The point of {a ≥ 0, Σ a = 1} nearest to this vector v: max(v − τ, 0) with τ the largest of
  /// (Σ S − 1)/|S| over the sets S of elements not below one of v.
  ///
  /// - Reference: Michelot 1986.
  func simplexProjection() -> Tensor {
    let square = [shape[0], shape[0]]
    let rows = broadcast(to: square, axes: [0])
    let columns = broadcast(to: square, axes: [1])
    let isInSet = columns .>= rows
    let sums = (isInSet * columns).sum(axes: [1])
    let sizes = isInSet.sum(axes: [1])
    return max(self - ((sums - 1) / sizes).maximum(), 0)
  }
}
