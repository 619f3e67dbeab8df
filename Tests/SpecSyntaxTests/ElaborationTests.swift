import Diagnostics
import Testing

@testable import SpecSyntax

/// The written-out tree in flow notation, ` ! ` and the ids of the diagnostics if there are any.
private func elaborated(_ text: String, set overrides: [String] = []) -> String {
  var diagnostics: [Diagnostic] = []
  let changes = overrides.compactMap { SpecOverride($0, &diagnostics) }
  guard let root = parseYAML(SourceFile(path: "t", text: text), &diagnostics) else { return "nil" }
  let spec = elaborate(root, overrides: changes, kinds: ["relu", "dense"], &diagnostics)
  let ids = diagnostics.map { "\($0.id)" }.joined(separator: " ")
  return (spec.map { YAMLText.flow($0.root) } ?? "nil") + (ids.isEmpty ? "" : " ! " + ids)
}

@Suite struct SubstitutionTests {
  @Test(
    arguments: [
      ("${a}", "3"), ("x${a}y", "x3y"), ("${a}${a}", "33"), ("${ a }", "3"),
      ("$${a} ${a}", "\"${a} 3\""),
      ("$a", "\"$a\""), ("${a+1}", "4"), ("${a/2}", "3/2"), ("n${a/2}", "n(3/2)"),
      ("${s}*2", "(1+2)*2"),
      ("${s*2}", "6"), ("${2*sqrt(a+1)}", "4"), ("${0x10}", "16"), ("${r}", "sqrt(2)"),
      ("${r*r_2}", "((sqrt(2))*(1))"), ("${l}", "[1, 2]"), ("${n}", "-1"), ("1${n}", "1(-1)"),
    ] as [(String, String)]) func replaces(text: String, value: String)
  {
    let constants = "let: {a: 3, s: 1+2, r: sqrt(2), r_2: 1, l: [1, 2], n: -1}\n"
    let tree = elaborated(constants + "x: \(YAMLText.scalar(text))\n")
    let rest = tree.split(separator: " ! ")[0]
    #expect(rest.dropFirst(4).dropLast() == value)
  }

  @Test func constantsUseThoseBefore() {
    #expect(elaborated("let: {a: 2, b: \"${a}0\", c: \"${a*b}\"}\nx: ${c}") == "{x: 40}")
    #expect(elaborated("let: {b: \"${a}\", a: 2}\nx: ${a}").contains("spec.undefined"))
  }

  @Test func oneFaultIsReportedOnce() {
    let tree = elaborated("let: {a: \"${b}\"}\nx: [\"${a}\", \"${a+1}\", \"y${a}\"]")
    #expect(tree.hasSuffix("! spec.undefined"))
  }

  @Test func textCannotGrowWithoutLimit() {
    var text = "let:\n  a0: xxxxxxxxxx\n"
    for level in 1...60 { text += "  a\(level): ${a\(level - 1)}${a\(level - 1)}\n" }
    #expect(elaborated(text + "x: ${a60}").hasSuffix("! spec.substitution"))
  }
}

@Suite struct BlockTests {
  @Test func repetitionsCountFromOne() {
    let text =
      "network: {layers: [repeat: {times: 1+2, index: i, layers: [dense: {units: \"${i*2}\"}]}]}"
    #expect(
      elaborated(text)
        == "{network: {layers: [{dense: {units: 2}}, {dense: {units: 4}}, {dense: {units: 6}}]}}")
    #expect(
      elaborated("network: {layers: [repeat: {times: 0, layers: [relu]}]}")
        == "{network: {layers: []}}")
  }

  @Test func blocksSeeTheirParametersAndTheConstants() {
    let text = """
      let: {w: 1, a: 5}
      define:
        inner: {parameters: {w: 7}, layers: [dense: "${w}", dense: "${a}"]}
        outer: {parameters: {v: }, layers: [inner, inner: "${v}", inner: {w: "${v+w}"}]}
      network: {layers: [outer: "${a}", residual: [inner: 0]]}
      """
    let units = elaborated(text).matches(of: /dense: ([0-9]+)/).map { String($0.1) }
    #expect(units == ["7", "5", "5", "5", "6", "5", "0", "5"])
  }

  @Test func endlessWorkIsRefused() {
    let empty =
      "network: {layers: [repeat: {times: 200000, layers: [repeat: {times: 200000, layers: []}]}]}"
    #expect(elaborated(empty).hasSuffix("! spec.too-large"))
    var text = "define:\n  b0: {layers: [relu]}\n"
    for level in 1...40 { text += "  b\(level): {layers: [b\(level - 1), b\(level - 1)]}\n" }
    #expect(elaborated(text + "network: {layers: [b40]}").contains("spec.too-large"))
    text = "define:\n  b0: {layers: [relu]}\n"
    for level in 1...500 { text += "  b\(level): {layers: [b\(level - 1)]}\n" }
    #expect(elaborated(text + "network: {layers: [b500]}").contains("spec.too-deep"))
  }
}

@Suite struct OverrideTests {
  private let text = """
    let: {c: 1}
    train: {epochs: 5, loss: {lmt: {c: "${c}"}}}
    define: {unit: {layers: [dense: {units: 3}]}}
    network:
      layers:
        - dense: {units: 4, name: first}
        - relu
        - residual: [unit]
        - unit
        - dense: 8
    """

  @Test(arguments: [
    ("let.c=0.5", "lmt: {c: 0.5}"), ("train.epochs=3", "{epochs: 3,"),
    ("train.radii=[0.1, 2]", "radii: [0.1, 2]"), ("train.a.b.c=x", "a: {b: {c: x}}"),
    ("train.loss={lmt: \"${c}\"}", "loss: {lmt: 1}"), ("train.x=a=b", "x: a=b"),
    ("network.layers.0.units=9", "units: 9, name: first"),
    ("network.layers.0.dense.units=9", "units: 9, name: first"),
    ("network.layers.1.slope=9", "{relu: {slope: 9}}"), ("network.layers.1=abs", ", abs, "),
    ("network.layers.first.units=9", "units: 9, name: first"),
    ("network.layers.relu_1.slope=${c}", "{relu: {slope: 1}}"),
    ("network.layers.dense_2.units=9", "{residual: [{dense: {units: 9}}]}"),
    ("network.layers.dense_3.bias=false", "}, {dense: {units: 3, bias: false}}"),
    ("train.empty=", "empty: null"),
  ]) func changes(argument: String, part: String) {
    let tree = elaborated(text, set: [argument])
    #expect(tree.contains(part) && !tree.contains("!"))
  }

  @Test(arguments: [
    "train.epochs", "=3", "train..x=3", "train.epochs.x=3", "network.layers.9=relu",
    "network.layers.secnd.units=3", "network.layers.dense_4.bias=false",
  ]) func refuses(argument: String) {
    #expect(elaborated(text, set: [argument]).hasSuffix("! usage.set"))
  }

  @Test func faultsInAValuePointIntoTheArgument() throws {
    var diagnostics: [Diagnostic] = []
    #expect(SpecOverride("train.x=[1", &diagnostics) == nil)
    guard case .span(let span) = try #require(diagnostics.first).location else { return }
    #expect(span.file.path == "--set" && span.column > 8)
  }

  @Test func laterOverridesWin() {
    #expect(elaborated(text, set: ["let.c=2", "let.c=3"]).contains("lmt: {c: 3}"))
  }
}
