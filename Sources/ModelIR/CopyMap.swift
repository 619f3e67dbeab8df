import BoundAlgebra
import TensorGraph

/// A linear map that only moves elements of a sample: reshapes, permutations, crops, zero padding and
/// repetition, one after another.
public struct CopyMap: Hashable, Sendable {
  /// One movement; axes are those of a sample, without the batch.
  public enum Step: Hashable, Sendable {
    /// The same elements in row-major order.
    case reshape([Int])
    /// Result axis i is operand axis `permutation[i]`.
    case transpose([Int])
    /// Elements `starts..<limits` along each axis.
    case slice(starts: [Int], limits: [Int])
    /// Zeros around the elements.
    case pad(low: [Int], high: [Int])
    /// Operand axis i becomes result axis `axes[i]`; the others of `shape` repeat.
    case broadcast([Int], axes: [Int])
    /// Slices of the first axis, in order, each rotated; those that no rotation names stay.
    case rotate([Rotation])
  }

  /// Some slices of the first axis, moved circularly along another axis.
  public struct Rotation: Hashable, Sendable {
    /// How many slices.
    public let slices: Int
    /// The axis, not the first.
    public let axis: Int
    /// How far elements move toward larger places.
    public let distance: Int
    /// States a movement.
    public init(slices: Int, axis: Int, distance: Int) {
      (self.slices, self.axis, self.distance) = (slices, axis, distance)
    }
  }

  /// The shape of one sample's input.
  public let inputShape: [Int]
  /// The movements in order.
  public let steps: [Step]
  /// The shape of one sample's output.
  public let outputShape: [Int]

  /// A map of given steps; none give the identity.
  public init(_ inputShape: [Int], _ steps: [Step] = []) {
    self.inputShape = inputShape
    self.steps = steps
    outputShape = steps.reduce(inputShape) { shape, step in
      switch step {
      case .reshape(let shape), .broadcast(let shape, _): shape
      case .transpose(let permutation): permutation.map { shape[$0] }
      case .slice(let starts, let limits): zip(starts, limits).map { $1 - $0 }
      case .pad(let low, let high): shape.indices.map { shape[$0] + low[$0] + high[$0] }
      case .rotate: shape
      }
    }
  }

  /// √k where every element is repeated k times: distinct elements stay orthogonal.
  ///
  /// Crops are of padded or whole tensors in which at least one element is left whole.
  var norm: BoundConstant {
    var shape = inputShape
    var repeats = 1
    for step in steps {
      if case .broadcast(let target, _) = step {
        repeats *= target.reduce(1, *) / shape.reduce(1, *)
      }
      shape = CopyMap(shape, [step]).outputShape
    }
    return repeats == 1 ? .one : .squareRoot(repeats, 1)
  }

  /// Whether it changes nothing but the shape.
  public var keepsOrder: Bool {
    steps.allSatisfy { if case .reshape = $0 { true } else { false } }
  }

  /// The map of a batch.
  public func apply(to x: Tensor) -> Tensor {
    steps.reduce(x.reshaped([x.shape[0]] + inputShape)) { $1.apply(to: $0) }
  }
}

extension CopyMap.Step {
  fileprivate func apply(to x: Tensor) -> Tensor {
    let batch = x.shape[0]
    switch self {
    case .reshape(let shape): return x.reshaped([batch] + shape)
    case .transpose(let permutation): return x.transposed([0] + permutation.map { $0 + 1 })
    case .slice(let starts, let limits):
      return x.sliced(starts: [0] + starts, limits: [batch] + limits)
    case .pad(let low, let high): return x.padded(low: [0] + low, high: [0] + high)
    case .broadcast(let shape, let axes):
      return x.broadcast(to: [batch] + shape, axes: [0] + axes.map { $0 + 1 })
    case .rotate(let rotations): return rotated(x, rotations)
    }
  }

  private func rotated(_ x: Tensor, _ rotations: [CopyMap.Rotation]) -> Tensor {
    var parts: [Tensor] = []
    var start = 0
    for rotation in rotations {
      let slices = x.sliced(start..<start + rotation.slices, axis: 1)
      parts.append(slices.rotated(along: rotation.axis + 1, by: rotation.distance))
      start += rotation.slices
    }
    if start < x.shape[1] { parts.append(x.sliced(start..<x.shape[1], axis: 1)) }
    return parts.count == 1 ? parts[0] : concatenate(parts, axis: 1)
  }
}

extension Tensor {
  /// Elements moved circularly along an axis.
  fileprivate func rotated(along axis: Int, by distance: Int) -> Tensor {
    let extent = shape[axis]
    let wrapped = (distance % extent + extent) % extent
    guard wrapped > 0 else { return self }
    let (end, rest) = (
      sliced(extent - wrapped..<extent, axis: axis), sliced(0..<extent - wrapped, axis: axis)
    )
    return concatenate([end, rest], axis: axis)
  }
}
