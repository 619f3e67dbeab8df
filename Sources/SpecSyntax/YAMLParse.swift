import Diagnostics

/// Parses one YAML document into a located tree.
///
/// - Parameters:
///   - file: the source; any bytes at all.
///   - diagnostics: receives `yaml.…` faults. Where a tree is returned beside errors, the faulty
///     entries are missing from it and the rest is worth checking.
/// - Returns: the root, or nil where the text has no tree.
///
/// Cost: linear in the bytes and in the nodes once aliases are written out, both limited.
public func parseYAML(
  _ file: SourceFile, limits: YAMLLimits = YAMLLimits(), _ diagnostics: inout [Diagnostic]
) -> YAMLNode? {
  parseYAML(file, 0..<file.bytes.count, limits: limits, &diagnostics)
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
    case .failure(let failure):
      builder.diagnostics += failure.diagnostics
      builder.stop()
    }
  }
  diagnostics += builder.diagnostics
  return builder.root
}
