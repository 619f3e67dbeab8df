/// A fault in the user's input, as a value: what is wrong, where, and how to fix it.
public struct Diagnostic: Sendable, Hashable {
  /// What a diagnostic is about; the area decides the exit code.
  public enum Area: String, Sendable {
    case yaml, spec, shape, bound, require, train, data, weights, file, device, certificate, usage
  }

  /// A stable name, printed as `area.rule`, for example `spec.unknown-key`.
  public struct ID: Sendable, Hashable, CustomStringConvertible {
    /// The area, before the point.
    public let area: Area
    /// The rule in kebab case, after the point.
    public let rule: String
    /// Names a rule of an area.
    public init(_ area: Area, _ rule: String) {
      self.area = area
      self.rule = rule
    }
    /// `area.rule`.
    public var description: String { "\(area.rawValue).\(rule)" }
  }

  /// Whether a diagnostic is an error.
  public enum Severity: String, Sendable {
    case error, warning
  }

  /// Where the fault is.
  public enum Location: Sendable, Hashable {
    /// A range of the spec.
    case span(Span)
    /// A byte of a binary file, or the whole file.
    case file(path: String, offset: Int?)
    /// A one-based row, and column if known, of a text data file.
    case row(path: String, line: Int, column: Int?)
    /// No position, such as the command line or the machine.
    case none
  }

  /// Additional information, often with a second position.
  public struct Note: Sendable, Hashable {
    /// One phrase.
    public let message: String
    /// The position, if there is one.
    public let span: Span?
    /// A note, possibly at a position.
    public init(_ message: String, at span: Span? = nil) {
      self.message = message
      self.span = span
    }
  }

  /// The rule that was broken.
  public var id: ID
  /// Error or warning.
  public var severity: Severity
  /// One phrase, lower case, no full stop: the rule, what was required and what was found.
  public var message: String
  /// Where.
  public var location: Location
  /// Additional information.
  public var notes: [Note]
  /// What to write instead, if known.
  public var help: String?

  /// A diagnostic with every part given.
  public init(
    _ id: ID, severity: Severity = .error, _ message: String, at location: Location,
    notes: [Note] = [], help: String? = nil
  ) {
    self.id = id
    self.severity = severity
    self.message = message
    self.location = location
    self.notes = notes
    self.help = help
  }

  /// An error at a range of the spec.
  public static func error(
    _ area: Area, _ rule: String, _ message: String, at span: Span, notes: [Note] = [],
    help: String? = nil
  ) -> Diagnostic {
    Diagnostic(ID(area, rule), message, at: .span(span), notes: notes, help: help)
  }

  /// A warning at a range of the spec.
  public static func warning(
    _ area: Area, _ rule: String, _ message: String, at span: Span, help: String? = nil
  ) -> Diagnostic {
    Diagnostic(ID(area, rule), severity: .warning, message, at: .span(span), help: help)
  }
}

/// Diagnostics thrown across a stage that has no `inout [Diagnostic]`; at least one is an error.
public struct Failure: Error, Sendable {
  /// The diagnostics in the order found.
  public let diagnostics: [Diagnostic]
  /// Wraps diagnostics.
  public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
  /// Wraps one diagnostic.
  public init(_ diagnostic: Diagnostic) { diagnostics = [diagnostic] }
}

extension [Diagnostic] {
  /// Whether any diagnostic is an error.
  public var hasErrors: Bool { contains { $0.severity == .error } }
}

extension [Diagnostic] {
  /// By place, those from the command line first; a fault that several copies of a block share is kept once.
  ///
  /// Beyond the limit, warnings are dropped first.
  public func inOrderOfPlaces(limit: Int) -> [Diagnostic] {
    var seen: Set<Diagnostic> = []
    var unique = filter { seen.insert($0).inserted }
    if unique.count > limit, unique.hasErrors {
      unique.removeAll { $0.severity == .warning }
    }
    let keyed = unique.enumerated().map { index, diagnostic -> (Int, Int, Diagnostic) in
      guard case .span(let span) = diagnostic.location, diagnostic.id.area != .usage else {
        return (-1, index, diagnostic)
      }
      return (span.lower, index, diagnostic)
    }
    return Array(keyed.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2).prefix(limit))
  }
}
