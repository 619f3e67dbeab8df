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
    }
  }
}
