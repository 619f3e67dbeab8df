import Compiler
import Diagnostics
import ModelIR

/// A spec and `id line:column` of every diagnostic, shape inference included.
func readSpec(
  _ text: String, overrides: [String] = []
) -> (spec: ModelSpec?, faults: [String], diagnostics: [Diagnostic]) {
  readSpec(SourceFile(path: "specs/test.yaml", text: text), overrides: overrides)
}

/// The same for a file.
func readSpec(
  _ file: SourceFile, overrides: [String] = []
) -> (spec: ModelSpec?, faults: [String], diagnostics: [Diagnostic]) {
  var diagnostics: [Diagnostic] = []
  let spec = Pipeline.read(file, overrides: overrides, &diagnostics)
  _ = spec.map { Pipeline.infer($0, &diagnostics) }
  let faults = diagnostics.map { diagnostic in
    guard case .span(let span) = diagnostic.location else { return "\(diagnostic.id)" }
    return "\(diagnostic.id) \(span.line):\(span.column)"
  }
  return (spec, faults, diagnostics)
}
