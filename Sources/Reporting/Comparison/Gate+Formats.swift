import Compiler
import Diagnostics

extension Gate {
  /// How the outcome of a gate is written.
  public enum Format: String, Sendable, CaseIterable {
    case text, json, sarif, junit
  }

  /// The outcome in a format, with a line break at its end.
  public func written(as format: Format, _ style: TextStyle = .plain) -> String {
    switch format {
    case .text: text(style)
    case .json: json.prettyText
    case .sarif: sarif.prettyText
    case .junit: junit
    }
  }

  private func text(_ style: TextStyle) -> String {
    var table = Table([("check", .left), ("measured", .right), ("at least", .right), ("", .left)])
    for check in checks {
      table.append(
        [
          check.name, check.measured.map { NumberText.significant($0, .down) } ?? "",
          check.limit.map { NumberText.significant($0, .up) } ?? "", check.outcome.text,
        ], look: check.outcome.look)
    }
    let failed = checks.count { $0.outcome == .failed }
    let verdict = failed == 0 ? "passed" : "failed: \(failed) of \(checks.count) checks"
    return (checks.isEmpty ? "" : table.text(style) + "\n\n")
      + "\(name.excerpt(atMost: 100)): \(style(verdict, failed == 0 ? .passed : .failed))\n"
  }

  private var json: JSONValue {
    [
      "name": .string(name), "passed": .bool(isPassed),
      "checks": .array(
        checks.map {
          [
            "rule": .string($0.rule.rawValue), "name": .string($0.name),
            "outcome": .string($0.outcome.text), "measured": .optional($0.measured),
            "limit": .optional($0.limit), "message": .string($0.message),
            "line": .optional($0.line),
          ]
        }),
      "diagnostics": [],
    ]
  }

  /// The failed checks as OASIS' Static Analysis Results Interchange Format 2.1.0, which code hosts show.
  private var sarif: JSONValue {
    [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "lmtc", "version": .string(Product.version),
              "rules": .array(
                Rule.allCases.map {
                  ["id": .string($0.rawValue), "shortDescription": ["text": .string($0.failure)]]
                }),
            ]
          ],
          "results": .array(checks.filter { $0.outcome == .failed }.map(sarif)),
        ]
      ],
    ]
  }

  private func sarif(_ check: Check) -> JSONValue {
    [
      "ruleId": .string(check.rule.rawValue), "level": "error",
      "message": ["text": .string(check.message)],
      "locations": [
        [
          "physicalLocation": [
            "artifactLocation": ["uri": .string(Self.reference(specPath))],
            "region": ["startLine": .integer(check.line ?? 1)],
          ]
        ]
      ],
    ]
  }

  /// A path as a reference of RFC 3986.
  private static func reference(_ path: String) -> String {
    path.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
        || "/._-~".unicodeScalars.contains(scalar)
      let digits = String(byte, radix: 16, uppercase: true)
      return isPlain ? String(scalar) : "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }

  /// JUnit's XML, which build servers show as tests.
  private var junit: String {
    let cases = checks.map { check in
      let result: [Markup] =
        switch check.outcome {
        case .passed: []
        case .failed: [.node("failure", ["message": check.message, "type": check.rule.rawValue])]
        case .skipped: [.node("skipped", ["message": check.message])]
        }
      return Markup.node(
        "testcase", ["classname": "\(name).\(check.rule.rawValue)", "name": check.name], result)
    }
    func count(_ outcome: Outcome) -> String { "\(checks.count { $0.outcome == outcome })" }
    let suite = Markup.node(
      "testsuite",
      [
        "name": "lmtc gate \(name)", "tests": "\(checks.count)", "failures": count(.failed),
        "skipped": count(.skipped),
      ], cases)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + suite.html + "\n"
  }
}

extension Gate.Outcome {
  fileprivate var text: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .skipped: "skipped"
    }
  }

  fileprivate var look: TextStyle.Look {
    switch self {
    case .passed: .passed
    case .failed: .failed
    case .skipped: .undecided
    }
  }
}

extension Gate.Rule {
  /// What it means that a check fails.
  fileprivate var failure: String {
    switch self {
    case .contradiction: "A point disproves a certificate."
    case .requirement: "A requirement of the spec does not hold."
    case .regression: "A certified accuracy is lower than the baseline's."
    }
  }
}
