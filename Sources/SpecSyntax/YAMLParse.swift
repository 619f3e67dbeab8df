import Diagnostics

/// How large a spec may be; anything larger ends in a diagnostic before it costs time or memory.
public struct YAMLLimits: Sendable {
  /// Bytes of a file.
  public var bytes = 4 << 20
  /// Nodes of the tree once aliases are expanded.
  var nodes = 200_000
  /// Nesting depth of lists and mappings.
  let depth = 100

  /// The limits of the spec language.
  public init() {}
}

/// Parses one YAML document into a located tree.
///
/// - Parameters:
///   - file: the source; any bytes.
///   - diagnostics: receives `yaml.…` faults. Where a tree is returned along with errors, the
///     faulty entries are missing from it and the rest can be checked.
/// - Returns: the root, or nil where the text has no tree.
///
/// Cost: linear in the bytes and in the nodes once aliases are expanded, both limited.
public func parseYAML(
  _ file: SourceFile, _ diagnostics: inout [Diagnostic]
) -> YAMLNode? {
  parseYAML(file, 0..<file.bytes.count, &diagnostics)
}

/// Parses the document in a range of a file's bytes; spans are those of the file.
func parseYAML(
  _ file: SourceFile, _ range: Range<Int>, limits: YAMLLimits = YAMLLimits(),
  _ diagnostics: inout [Diagnostic]
) -> YAMLNode? {
  let source = YAMLSource(file, range)
  if let fault = source.fault(limits) {
    diagnostics.append(fault)
    return nil
  }
  var builder = YAMLTreeBuilder(source, limits)
  let events = YAMLEvents(source)
  while !builder.isDone {
    switch events.next() {
    case .success(let event): builder.accept(event)
    case .failure(let failure): builder.fail(failure)
    }
  }
  diagnostics += builder.diagnostics
  return builder.root
}
