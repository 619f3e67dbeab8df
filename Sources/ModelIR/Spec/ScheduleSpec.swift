import Diagnostics
import SpecSyntax

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a hyperparameter changes over training.
public enum ScheduleSpec: Sendable, Hashable {
  /// Always the base value.
  case constant
  /// Multiplied by `factor` after every `every` epochs.
  case step(every: Int, factor: Double)
  /// Multiplied by `factor` at each of some epochs.
  case milestones(at: [Int], factor: Double)
  /// Half a cosine from the base value to `to` at the end of training.
  case cosine(to: Double)
  /// A straight line from `from` to the base value over the first `epochs` epochs.
  case ramp(from: Double, epochs: Int)

  /// The value at a point of training.
  ///
  /// - Parameters:
  ///   - base: the hyperparameter as given.
  ///   - progress: epochs done, fractions included.
  ///   - epochs: of the whole training.
  public func value(base: Double, progress: Double, epochs: Int) -> Double {
    switch self {
    case .constant:
      return base
    case .step(let every, let factor):
      return base * pow(factor, (progress / Double(every)).rounded(.down))
    case .milestones(let epochs, let factor):
      return base * pow(factor, Double(epochs.count { Double($0) <= progress }))
    case .cosine(let end):
      let fraction = min(1, progress / Double(epochs))
      return end + (base - end) * (1 + cos(Double.pi * fraction)) / 2
    case .ramp(let start, let length):
      let fraction = min(1, progress / Double(length))
      return fraction == 1 ? base : start + (base - start) * fraction
    }
  }

  /// The names in a spec.
  static let kinds = ["constant", "cosine", "milestones", "ramp", "step"]

  enum Keys {
    static let every = SpecKey<Int>("every", "epochs between steps", .count)
    static let at = SpecKey<[Int]>(
      "at", "the epochs of the steps",
      .init("increasing numbers of epochs from 1 to 1000000") { list in
        !list.isEmpty && list.allSatisfy((1...1_000_000).contains)
          && zip(list, list.dropFirst()).allSatisfy(<)
      })
    static let factor = SpecKey<Double>("factor", default: 0.1, "the factor of a step", .positive)
    static let to = SpecKey<Double>("to", default: 0, "the value at the end", .nonNegative)
    static let from = SpecKey<Double>("from", default: 0, "the value at the start", .nonNegative)
    static let epochs = SpecKey<Int>("epochs", "epochs until the base value is reached", .count)
  }

  /// The keys of a kind.
  public static func keys(of kind: String) -> [SpecKeyDescription] {
    switch kind {
    case "step": [Keys.every.description, Keys.factor.description]
    case "cosine": [Keys.to.description]
    case "milestones": [Keys.at.description, Keys.factor.description]
    case "ramp": [Keys.from.description, Keys.epochs.description]
    default: []
    }
  }

  static let choice = SpecDecoder.Choice<ScheduleSpec>(
    what: "schedule", kinds: kinds, mainKey: { ["cosine": "to", "milestones": "at"][$0] },
    make: { read($0, &$1) })

  private static func read(_ kind: String, _ reader: inout ConfigReader) -> ScheduleSpec? {
    switch kind {
    case "step":
      let every = reader.read(Keys.every)
      let factor = reader.read(Keys.factor)
      guard let every, let factor else { return nil }
      return .step(every: every, factor: factor)
    case "milestones":
      let at = reader.read(Keys.at)
      let factor = reader.read(Keys.factor)
      guard let at, let factor else { return nil }
      return .milestones(at: at, factor: factor)
    case "cosine":
      return reader.read(Keys.to).map { .cosine(to: $0) }
    case "ramp":
      let from = reader.read(Keys.from)
      let epochs = reader.read(Keys.epochs)
      guard let from, let epochs else { return nil }
      return .ramp(from: from, epochs: epochs)
    default:
      return .constant
    }
  }
}
