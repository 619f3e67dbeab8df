import Diagnostics
import SpecSyntax

/// One line of `require`: `certified_accuracy(0.1) >= 0.8`.
public struct RequirementSpec: Sendable {
  /// What is compared.
  public enum Quantity: Sendable, Hashable {
    /// The upper bound on the network's Lipschitz constant.
    case lipschitz
    /// The upper bound on the constant of a layer by itself.
    case layerLipschitz(String)
    /// The number of trained parameters.
    case parameters
    /// The fraction of test points predicted correctly.
    case cleanAccuracy
    /// The fraction of test points certified at a radius, of all or of those with one label.
    case certifiedAccuracy(ExactNumber, class: Int?)
    /// The smallest fraction certified at a radius among the labels.
    case minimumClassAccuracy(ExactNumber)
    /// The median certified radius over the test points.
    case medianRadius
    /// The lower bound on the Wasserstein distance between the test samples of a critic's two classes.
    case wasserstein
  }

  /// How it is compared.
  public enum Relation: String, Sendable, CaseIterable {
    case lessOrEqual = "<="
    case less = "<"
    case greaterOrEqual = ">="
    case greater = ">"
  }

  /// The line as written.
  public let text: String
  /// What is compared.
  public let quantity: Quantity
  /// How.
  public let relation: Relation
  /// With what.
  public let limit: ExactNumber
  /// Its place in the spec.
  public let span: Span

  /// Whether a number satisfies the line; the limit is rounded to the side on which the number as
  /// written would be satisfied too.
  public func holds(_ value: Double) -> Bool {
    switch relation {
    case .lessOrEqual: value <= limit.lower
    case .less: value < limit.lower
    case .greaterOrEqual: value >= limit.upper
    case .greater: value > limit.upper
    }
  }

  /// Whether the share count/total satisfies the line, exactly where the limit is a fraction.
  public func holds(_ count: Int, of total: Int) -> Bool {
    guard let exact = limit.rational else { return holds(Double(count) / Double(max(total, 1))) }
    let share = Rational(count, over: max(total, 1))
    return switch relation {
    case .lessOrEqual: share <= exact
    case .less: share < exact
    case .greaterOrEqual: share >= exact
    case .greater: share > exact
    }
  }

  /// What does not fit the network: a layer or a class that it does not have, a bound that only critics have.
  public func fault(_ model: Model, isCritic: Bool) -> Diagnostic? {
    switch quantity {
    case .layerLipschitz(let name):
      let names = model.nodes.map(\.name)
      guard !names.contains(name) else { return nil }
      return .error(
        .spec, "requirement", "no layer is named \(name.quoted)", at: span,
        help: Suggestion.help(for: name, in: names, kind: "expected one of"))
    case .certifiedAccuracy(_, class: let label?):
      let classes = model.shape(of: model.output).first ?? 0
      guard label >= classes else { return nil }
      return .error(
        .spec, "requirement", "there is no class \(label): the network has \(classes)", at: span,
        help: "classes are numbered from 0")
    case .wasserstein:
      guard !isCritic else { return nil }
      return .error(
        .spec, "requirement", "'wasserstein' is about a critic, and the network is a classifier",
        at: span, help: "add 'task: critic' to 'train'")
    case .lipschitz, .parameters, .cleanAccuracy, .certifiedAccuracy, .minimumClassAccuracy,
      .medianRadius:
      return nil
    }
  }

  /// The names of the quantities.
  static let quantities = [
    "lipschitz", "parameters", "clean_accuracy", "certified_accuracy", "minimum_class_accuracy",
    "median_radius", "wasserstein",
  ]
}

/// Reads the lines of `require`; faulty ones are reported and left out.
struct RequirementReader {
  private static let maximumRequirements = 1000
  private(set) var diagnostics: [Diagnostic] = []

  mutating func read(_ node: YAMLNode) -> [RequirementSpec] {
    guard !node.isNull, !node.isFaulty else { return [] }
    guard let lines = [String].decode(node, key: "require", &diagnostics) else { return [] }
    guard lines.count <= Self.maximumRequirements else {
      diagnostics.append(
        .error(
          .spec, "too-large",
          "'require' must have at most \(Self.maximumRequirements) lines, found \(lines.count)",
          at: node.span))
      return []
    }
    return zip(lines, node.sequence ?? []).compactMap { requirement($0, $1) }
  }

  private mutating func requirement(_ line: String, _ node: YAMLNode) -> RequirementSpec? {
    let bytes = Array(line.utf8)
    guard let start = bytes.firstIndex(where: { $0 == 0x3C || $0 == 0x3E }) else {
      return fault(
        "a requirement must compare a quantity with a number by <=, <, >= or >, found \(line.quoted)",
        node.span, help: "write 'lipschitz <= 20'")
    }
    let isStrict = start + 1 == bytes.count || bytes[start + 1] != UInt8(ascii: "=")
    let end = start + (isStrict ? 1 : 2)
    let relation = RequirementSpec.Relation(
      rawValue: String(decoding: bytes[start..<end], as: UTF8.self))
    guard let relation, let quantity = quantity(bytes, 0..<start, node),
      let limit = number(bytes, end..<bytes.count, node)
    else { return nil }
    switch quantity {
    case .cleanAccuracy, .certifiedAccuracy, .minimumClassAccuracy:
      guard limit.upper <= 1, limit.lower >= 0 else {
        return fault(
          "an accuracy must be between 0 and 1, found \(limit.text.quoted)",
          node.span(Self.trimmed(bytes, end..<bytes.count)), help: "write 80 % as 0.8")
      }
    case .lipschitz, .layerLipschitz, .parameters, .medianRadius, .wasserstein: break
    }
    return RequirementSpec(
      text: line, quantity: quantity, relation: relation, limit: limit, span: node.span)
  }

  private mutating func quantity(
    _ bytes: [UInt8], _ range: Range<Int>, _ node: YAMLNode
  ) -> RequirementSpec.Quantity? {
    let range = Self.trimmed(bytes, range)
    let bracket = bytes[range].firstIndex(of: UInt8(ascii: "("))
    let nameRange = Self.trimmed(bytes, range.lowerBound..<(bracket ?? range.upperBound))
    let name = String(decoding: bytes[nameRange], as: UTF8.self)
    guard RequirementSpec.quantities.contains(name) else {
      return fault(
        "no quantity is named \(name.quoted)", node.span(nameRange),
        help: Suggestion.help(for: name, in: RequirementSpec.quantities, kind: "expected one of"))
    }
    guard let bracket else { return simple(name, node.span(range)) }
    guard bytes[range.upperBound - 1] == UInt8(ascii: ")") else {
      return fault("the parenthesis is not closed", node.span(bracket..<range.upperBound))
    }
    return call(name, bytes, Self.trimmed(bytes, bracket + 1..<range.upperBound - 1), node)
  }

  /// A quantity without an argument.
  private mutating func simple(_ name: String, _ span: Span) -> RequirementSpec.Quantity? {
    switch name {
    case "lipschitz": return .lipschitz
    case "parameters": return .parameters
    case "median_radius": return .medianRadius
    case "clean_accuracy": return .cleanAccuracy
    case "wasserstein": return .wasserstein
    default:
      return fault(
        "'\(name)' needs a radius in parentheses", span, help: "write '\(name)(0.1)'")
    }
  }

  /// A quantity with what stands between its parentheses.
  private mutating func call(
    _ name: String, _ bytes: [UInt8], _ argument: Range<Int>, _ node: YAMLNode
  ) -> RequirementSpec.Quantity? {
    switch name {
    case "lipschitz": return .layerLipschitz(String(decoding: bytes[argument], as: UTF8.self))
    case "minimum_class_accuracy":
      return radius(bytes, argument, node).map { .minimumClassAccuracy($0) }
    case "certified_accuracy":
      guard let comma = bytes[argument].lastIndex(of: UInt8(ascii: ",")) else {
        return radius(bytes, argument, node).map { .certifiedAccuracy($0, class: nil) }
      }
      let place = Self.trimmed(bytes, comma + 1..<argument.upperBound)
      let text = String(decoding: bytes[place], as: UTF8.self)
      guard let label = Int(text), label >= 0 else {
        return fault(
          "a class must be an integer of at least 0, found \(text.quoted)", node.span(place),
          help: "write 'certified_accuracy(0.1, 3)'")
      }
      return radius(bytes, argument.lowerBound..<comma, node).map {
        .certifiedAccuracy($0, class: label)
      }
    default: return fault("'\(name)' takes no argument", node.span(argument))
    }
  }

  private mutating func radius(
    _ bytes: [UInt8], _ range: Range<Int>, _ node: YAMLNode
  ) -> ExactNumber? {
    guard let radius = number(bytes, range, node) else { return nil }
    guard radius.lower > 0 else {
      return fault("a radius must be above 0, found \(radius.text.quoted)", node.span(range))
    }
    return radius
  }

  private mutating func number(
    _ bytes: [UInt8], _ range: Range<Int>, _ node: YAMLNode
  ) -> ExactNumber? {
    let range = Self.trimmed(bytes, range)
    do {
      return try ExactNumber(String(decoding: bytes[range], as: UTF8.self))
    } catch {
      let start = range.lowerBound + error.range.lowerBound
      return fault(
        error.message, node.span(start..<(range.lowerBound + error.range.upperBound)),
        help: error.help)
    }
  }

  private static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
    var (lower, upper) = (range.lowerBound, range.upperBound)
    while lower < upper, bytes[lower] == 0x20 { lower += 1 }
    while upper > lower, bytes[upper - 1] == 0x20 { upper -= 1 }
    return lower..<upper
  }

  private mutating func fault<Value>(
    _ message: String, _ span: Span, help: String? = nil
  ) -> Value? {
    diagnostics.append(.error(.spec, "requirement", message, at: span, help: help))
    return nil
  }
}
