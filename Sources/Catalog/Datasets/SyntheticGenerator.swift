import Numerics
import ModelIR
import TensorGraph

/// The values of one split of a ``SyntheticFormat``.
struct SyntheticGenerator {
  private let format: SyntheticFormat
  private let classes: Int
  private let shape: [Int]
  private let size: Int
  private let width: Int
  /// Of the noise, one counter a sample.
  private let noiseStream: UInt64
  /// Of the place along the pattern and of scenes, one counter a sample.
  private let placeStream: UInt64
  /// Of what all samples share, in both splits.
  private let commonStream: UInt64

  init(_ format: SyntheticFormat, split: DataSplit, shape: [Int], classes: Int) {
    self.format = format
    self.classes = classes
    self.shape = shape
    size = shape.reduce(1, *)
    width = shape.last ?? 1
    let seed = UInt64(format.seed)
    noiseStream = CounterRandom.stream(seed: seed, "synthetic.\(split.rawValue).noise")
    placeStream = CounterRandom.stream(seed: seed, "synthetic.\(split.rawValue).place")
    commonStream = CounterRandom.stream(seed: seed, "synthetic.classes")
  }

  /// So many samples after one another.
  func values(_ count: Int) -> [Float] {
    let centres = format.distribution == .gaussianBlobs ? (0..<classes).map(centre) : []
    var values: [Float] = []
    values.reserveCapacity(count * size)
    for sample in 0..<count {
      let pattern = pattern(sample, sample % classes, centres)
      for index in 0..<size {
        let value = pattern[index] + format.noise * normal(noiseStream, sample, index)
        values.append(Float(format.distribution == .digits ? min(1, max(0, value)) : value))
      }
    }
    return values
  }

  /// A random direction of length 1.
  private func centre(_ label: Int) -> [Double] {
    let direction = (0..<size).map { normal(commonStream, label, $0) }
    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return direction.map { $0 / max(length, .leastNormalMagnitude) }
  }

  /// A sample without its noise.
  private func pattern(_ sample: Int, _ label: Int, _ centres: [[Double]]) -> [Double] {
    let place = uniform(sample, 0)
    switch format.distribution {
    case .gaussianBlobs: return centres[label].map { format.separation * $0 }
    case .twoMoons:
      let angle = .pi * place
      let moon = [Double.cos(angle), Double.sin(angle)]
      return inPlane(label == 0 ? moon : [1 - moon[0], 0.5 - moon[1]])
    case .rings:
      let radius = Double(label + 1) / Double(classes)
      return inPlane([
        radius * Double.cos(2 * .pi * place), radius * Double.sin(2 * .pi * place),
      ])
    case .waves:
      return (0..<size).map { index in
        let position = Double(index % width) / Double(width)
        return format.separation * Double.sin(2 * .pi * (Double(label + 1) * position + place))
      }
    case .digits:
      return DigitScene(digit: label, shape: shape) { uniform(sample, $0) }
        .values(contrast: format.separation)
    }
  }

  /// A point of the first two values, the others 0.
  private func inPlane(_ point: [Double]) -> [Double] {
    (0..<size).map { $0 < 2 ? format.separation * point[$0] : 0 }
  }

  private func uniform(_ sample: Int, _ index: Int) -> Double {
    CounterRandom.uniform(stream: placeStream, counter: UInt64(sample), index: UInt64(index))
  }

  /// A standard normal deviate by Box and Muller's formula.
  private func normal(_ stream: UInt64, _ counter: Int, _ index: Int) -> Double {
    let first = CounterRandom.uniform(
      stream: stream, counter: UInt64(counter), index: UInt64(2 * index))
    let second = CounterRandom.uniform(
      stream: stream, counter: UInt64(counter), index: UInt64(2 * index + 1))
    return (-2 * Double.log(1 - first)).squareRoot() * Double.cos(2 * .pi * second)
  }
}
