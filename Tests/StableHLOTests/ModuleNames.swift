/// The names of values in a module's text, as MLIR's parser reads them.
struct ModuleNames {
  /// Names defined outside regions, in order.
  private(set) var defined: [String] = []
  /// Names used before any definition.
  private(set) var undefined: [String] = []
  /// Whether every name is a number, or a word of letters, digits and `$._-` that starts with no digit.
  private(set) var areLegal = true

  init(_ text: String) {
    var known: Set<String> = []
    for line in text.split(separator: "\n") {
      let names = line.matches(of: #/%([^\s,:()#]+)/#).map { String($0.1) }
      areLegal = areLegal && names.allSatisfy { $0.wholeMatch(of: Self.legal) != nil }
      let isBlock = line.contains("^bb0(")
      let isArgument = line.contains(#/^\s*%[^\s]+: tensor/#)
      let isResult = line.contains(#/^\s*%[^\s]+ = /#)
      let definitions = isBlock ? names : isArgument || isResult ? Array(names.prefix(1)) : []
      let uses = isBlock || isArgument ? [] : isResult ? Array(names.dropFirst()) : names
      undefined += uses.filter { !known.contains($0) }
      known.formUnion(definitions)
      if !isBlock { defined += definitions }
    }
  }

  private static var legal: Regex<(Substring, Substring)> {
    #/([0-9]+|[A-Za-z$._\-][A-Za-z0-9$._\-]*)/#
  }
}
