import Enclosure

/// A function of groups of elements, built of sums, products, quotients and roots.
enum GroupFunction: Sendable {
  /// What bounds its Lipschitz constant.
  enum Constant: Sendable {
    case known(UpperBound)
    /// The norm of a map.
    case norm(LinearMap)
  }

  /// Less the mean of the group.
  case centred([[Int32]])
  /// eˣ divided by the group's sum of them.
  case softmax([[Int32]])
  /// Less the mean, divided by √(σ² + ε), times a factor and plus an offset for each element.
  case normalised([[Int32]], epsilon: Double, affine: (factors: [Double], offsets: [Double])?)
  /// √max(Σx², 2⁻¹⁰⁰) or Σ|x| of each group; `terms` counts zeros of the padding.
  case sums([[Int32]], terms: Int, isRoot: Bool)
}
