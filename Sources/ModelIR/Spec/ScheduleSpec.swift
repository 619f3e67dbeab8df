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
}

extension ScheduleSpec {
  /// The kinds of schedule.
  static let kinds = EntrySet("schedule", Kind.allCases.map(\.entry))

  private enum Kind: String, CaseIterable {
    case constant, step, milestones, cosine, ramp

    var entry: EntryKind<ScheduleSpec> {
      EntryKind(rawValue, mainKey: mainKey) { ScheduleSpec(self, from: &$0) }
    }

    private var mainKey: String? {
      switch self {
      case .cosine: "to"
      case .milestones: "at"
      case .constant, .step, .ramp: nil
      }
    }
  }

  private static let factor = SpecKey<Double>(
    "factor", default: 0.1, "the factor of a step", .positive)

  private init(_ kind: Kind, from reader: inout ConfigReader) {
    switch kind {
    case .constant:
      self = .constant
    case .step:
      let every: Int = reader.read("every", "epochs between steps", .count)
      self = .step(every: every, factor: reader.read(Self.factor))
    case .milestones:
      let epochs: [Int] = reader.read(
        "at", "the epochs of the steps",
        .init("increasing numbers of epochs from 1 to 1000000") { list in
          !list.isEmpty && list.allSatisfy((1...1_000_000).contains)
            && zip(list, list.dropFirst()).allSatisfy(<)
        })
      self = .milestones(at: epochs, factor: reader.read(Self.factor))
    case .cosine:
      self = .cosine(to: reader.read("to", default: 0, "the value at the end", .nonNegative))
    case .ramp:
      let start = reader.read("from", default: 0, "the value at the start", .nonNegative)
      self = .ramp(
        from: start, epochs: reader.read("epochs", "epochs until the base value is reached", .count)
      )
    }
  }
}
