import Testing

@testable import Verifier

/// What the checker reads, and where it says that it cannot.
@Suite struct ReaderTests {
  private func read(_ text: String) throws -> JSONEntry {
    let bytes = Array(text.utf8)
    return try JSONReader.read(bytes[...], file: "file")
  }

  @Test func valuesKnowTheirPlaces() throws {
    let document = try read("{\"a\": [1, {\"b\": 2.5}],\n \"c\": \"x\\\"y\"}")
    let value = try document("a").elements[1]("b")
    #expect(try value.number == 2.5)
    #expect(value.place.path == "a[1].b" && value.place.line == 1 && value.place.column == 17)
    #expect(try document("c").string == "x\"y")
    #expect(try document("c").place.line == 2)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\" 1}", "{\"a\": 1, \"a\": 2}", "nan", "0x10", "inf", "[1] 2",
    "\"\u{1}\"",
    "\"\\u0041\"", "{\"a\": }", "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]", "1e", "\"open",
  ])
  func faultsHaveAPlace(_ text: String) throws {
    let fault = #expect(throws: Refusal.self) { try read(text) }
    #expect(fault?.kind == .malformed && fault?.place.line != nil)
  }

  @Test func numbersMustFit() throws {
    let document = try read("{\"a\": 1e999, \"b\": -1, \"c\": 1.5, \"d\": null}")
    #expect(throws: Refusal.self) { try document("a").number }
    #expect(throws: Refusal.self) { try document("b").magnitude }
    #expect(throws: Refusal.self) { try document("c").integer }
    #expect(throws: Refusal.self) { try document("d").string }
    #expect(throws: Refusal.self) { try document("e") }
    #expect(throws: Refusal.self) { try document.require(keys: ["a"]) }
  }

  @Test func specsAreTrees() throws {
    let tree = try YAMLReader.read(
      Array("a: {b: [1, x y], c: \"2\"}\nd:\n  - e: 1e-3\n".utf8), file: "spec")
    #expect(tree["a"]?["b"]?.list?[1].text == "x y" && tree["a"]?["c"]?.integer == 2)
    #expect(tree["d"]?.list?[0]["e"]?.number == 0.001)
    for text in ["", "a: [", "a: 1\na: 2\n", "a: &x 1\nb: *x\n", "? [a]\n: 1\n"] {
      #expect(throws: Refusal.self, "\(text)") {
        try YAMLReader.read(Array(text.utf8), file: "spec")
      }
    }
  }

  @Test func tensorsMustLieInTheFile() throws {
    func file(_ header: String, _ data: Int) -> [UInt8] {
      [UInt8(header.utf8.count)] + Array(repeating: 0, count: 7) + Array(header.utf8)
        + Array(repeating: 0, count: data)
    }
    func header(_ shape: String, _ type: String, _ end: Int) -> String {
      "{\"a\": {\"dtype\": \"\(type)\", \"shape\": \(shape), \"data_offsets\": [0, \(end)]}}"
    }
    let good = try TensorFile(file(header("[2, 1]", "F32", 8), 8), file: "file")
    #expect(good.tensors["a"]?.shape == [2, 1] && good.tensors["a"]?.elements == [0, 0])
    for bytes in [
      [], file("{", 0), file(header("[2]", "F64", 8), 8), file(header("[2]", "F32", 8), 7),
      file(header("[3]", "F32", 8), 8), file(header("[-1]", "F32", 8), 8),
      file(header("[4611686018427387904, 4]", "F32", 8), 8), Array(repeating: 255, count: 16),
    ] {
      #expect(throws: Refusal.self) { try TensorFile(bytes, file: "file") }
    }
  }
}
