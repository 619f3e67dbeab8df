import Testing

@testable import Verifier

/// What the checker reads, and where it says that it cannot.
@Suite struct ReaderTests {
  private func read(_ text: String) throws -> Entry {
    let bytes = Array(text.utf8)
    return try EntryReader.read(bytes[...], file: "file")
  }

  @Test func valuesKnowTheirPlaces() throws {
    let document = try read("{\"a\":[1,{\"b\":2.5}],\n \"c\": \"x\\\"\\\\y\"}")
    let value = try document("a").elements[1]("b")
    #expect(try value.number == 2.5)
    #expect(value.place.path == "a[1].b" && value.place.line == 1 && value.place.column == 14)
    #expect(try document("c").string == "x\"\\y")
    #expect(try document("c").place.line == 2)
    let spec = try read("a: {b: [1, x y], c: true}\nd:\n  - e: 1e-3\n")
    #expect(try spec("a")("b").elements[1].string == "x y" && spec("a")("c").flag)
    #expect(try spec("d").elements[0]("e").number == 0.001)
    #expect(try spec("d").elements[0]("e").place.path == "d[0].e")
  }

  @Test(arguments: [
    "", "{", "{\"a\" 1}", "{\"a\": 1, \"a\": 2}",
    "[1] 2", "\"\u{1}\"", "\"open", "a: [", "\u{FEFF}",
    "a: 1\na: 2\n", "a: &x 1\n", "a: &x 1\nb: *x\n", "a: &x [1]\n", "a: !!int 1\n", "? [a]\n: 1\n",
    "--- 1\n--- 2\n", String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
  ])
  func faultsHaveAPlace(_ text: String) throws {
    let fault = #expect(throws: Refusal.self) { try read(text) }
    #expect(fault?.kind == .malformed && fault?.place.line != nil)
  }

  @Test(arguments: ["1e999", "nan", "inf", "0x10", "1e", "\"1\"", "'1'", "null", "", "[1]"])
  func numbersMustBeNumbers(_ text: String) throws {
    let value = try read("{\"a\": \(text)}")("a")
    #expect(throws: Refusal.self) { try value.number }
    #expect(throws: Refusal.self) { try value.integer }
  }

  @Test func valuesMustFit() throws {
    let document = try read("{\"b\": -1, \"c\": 1.5, \"d\": null, \"f\": \"true\"}")
    #expect(throws: Refusal.self) { try document("b").magnitude }
    #expect(throws: Refusal.self) { try document("c").integer }
    #expect(throws: Refusal.self) { try document("d").elements }
    #expect(throws: Refusal.self) { try document("e") }
    #expect(throws: Refusal.self) { try document("f").flag }
    #expect(throws: Refusal.self) { try document.require(keys: ["a"]) }
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
