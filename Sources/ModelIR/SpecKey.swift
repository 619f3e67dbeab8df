import Diagnostics
import SpecSyntax

/// A type that a spec key can have: decoding and printing.
public protocol SpecValue: Sendable {
  /// What messages and the manual call it: `integer`, `number`, `integer or [height, width]`.
  static var typeName: String { get }
  /// The same as data, for the schema.
  static var form: SpecForm { get }
  /// What a reader returns in place of a faulty value.
  static var placeholder: Self { get }
  /// Reads a node; nil after a diagnostic that states what was required and found.
  static func decode(
    _ node: YAMLNode, key: String, _ diagnostics: inout [Diagnostic]
  ) -> Self?
  /// YAML flow text that decodes to an equal value.
  var specText: String { get }
}

/// A declared key of an entry or section: the one source of its name, type, default and text.
public struct SpecKey<Value: SpecValue>: Sendable {
  /// A condition on the value, and its statement, such as `at least 1`.
  public struct Requirement: Sendable {
    /// The statement after "must be".
    public let text: String
    /// The limits of its numbers, as far as the condition is made of such.
    public let limits: SpecLimits?
    /// The condition.
    public let holds: @Sendable (Value) -> Bool
    /// A condition.
    public init(_ text: String, _ holds: @escaping @Sendable (Value) -> Bool) {
      self.init(text, limits: nil, holds)
    }
    /// A condition that is made of limits of each number.
    public init(
      _ text: String, limits: SpecLimits?, _ holds: @escaping @Sendable (Value) -> Bool
    ) {
      (self.text, self.limits, self.holds) = (text, limits, holds)
    }
  }

  /// The key, lower snake case.
  public let name: String
  /// One phrase for the manual.
  public let summary: String
  /// The value if the key is left out; nil makes it required.
  public let defaultValue: Value?
  /// What the value must satisfy.
  public let requirement: Requirement?

  /// A required key.
  public init(_ name: String, _ summary: String, _ requirement: Requirement? = nil) {
    self.name = name
    self.summary = summary
    self.defaultValue = nil
    self.requirement = requirement
  }

  /// A key with a default.
  public init(
    _ name: String, default value: Value, _ summary: String, _ requirement: Requirement? = nil
  ) {
    self.name = name
    self.summary = summary
    self.defaultValue = value
    self.requirement = requirement
  }

  /// Replaces the value after a fault.
  var placeholder: Value { defaultValue ?? Value.placeholder }

  /// The key for manuals and schemas; `otherwise` says what a missing key without a default means.
  func description(otherwise: String? = nil) -> SpecKeyDescription {
    SpecKeyDescription(
      name: name, typeName: Value.typeName,
      form: requirement?.limits.map(Value.form.limited(by:)) ?? Value.form,
      defaultText: defaultValue?.specText ?? otherwise, requirement: requirement?.text,
      summary: summary)
  }
}

/// What the manual and the schema say of a key.
public struct SpecKeyDescription: Hashable, Sendable {
  /// The key.
  public let name: String
  /// Its type in words.
  public let typeName: String
  /// What its value may be, as data.
  public let form: SpecForm
  /// The default as YAML, nil if required.
  public let defaultText: String?
  /// The condition in words.
  public let requirement: String?
  /// One phrase.
  public let summary: String

  /// The same key where it may be left out.
  func defaulting(to text: String) -> SpecKeyDescription {
    SpecKeyDescription(
      name: name, typeName: typeName, form: form, defaultText: text, requirement: requirement,
      summary: summary)
  }
}
