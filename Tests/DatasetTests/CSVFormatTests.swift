import Diagnostics
import ModelIR
import Testing

@testable import Catalog

@Suite struct CSVFormatTests {
  func decode(
    _ text: String, _ keys: [(String, String)] = [], shape: [Int] = [2], classes: Int = 3
  ) throws(Failure) -> LabeledData {
    var reader = configReader("csv", keys)
    let format = CSVFormat(from: &reader)
    guard !reader.hasFaults else { throw Failure(reader.diagnostics) }
    return try format.decode(
      DataFiles(named: ["table": DataFile(path: "t", bytes: Array(text.utf8))]), split: .test,
      shape: shape,
      classes: classes)
  }

  @Test(
    arguments: [
      ("1,2.5,0\n-3,4e-1,2\n", []),
      ("1,2.5,0\r\n-3,.4,2.0", []),
      ("\u{FEFF}1 , 2.5,\"0\"\n\"-3\",0.4,2", []),
      ("a,b,c\n1,2.5,0\n-3,0.4,2\n", [("header", "true")]),
      ("0;1;2.5\n2;-3;0.4\n", [("separator", "semicolon"), ("label", "first")]),
      ("1\t0\t2.5\n-3\t2\t0.4\n", [("separator", "tab"), ("label", "2")]),
      (
        "\u{FEFF}kind,x,\"y z\"\r\n0,1,2.5\r\n2,-3,0.4\r\n",
        [("header", "true"), ("label", "kind")]
      ),
      ("x,kind,y\n1,0,2.5\n-3,2,0.4\n", [("header", "true"), ("label", "kind")]),
      (
        "x,y,kind\n1,2.5,a b\n-3,0.4, \"1\" \n",
        [("header", "true"), ("label", "kind"), ("class_names", "[a b, c, 1]")]
      ),
      ("1,2.5,é\n-3,0.4,0\n", [("class_names", "[é, x, 0]")]),
    ] as [(String, [(String, String)])])
  func decodesRows(text: String, keys: [(String, String)]) throws {
    let data = try decode(text, keys)
    #expect(data.numbers == [1, 2.5, -3, 0.4])
    #expect(data.labels == [0, 2])
  }

  @Test(arguments: [
    ("", "data.empty t:1"),
    ("1,2,0\n1,2\n", "data.columns t:2"),
    ("1,2,0\n1,2,3,0\n", "data.columns t:2"),
    ("1,2,0\n\n1,2,0\n", "data.columns t:2"),
    ("1,,0\n", "data.missing-value t:1:2"),
    ("1,x,0\n", "data.not-a-number t:1:2"),
    ("1,0x10,0\n", "data.not-a-number t:1:2"),
    ("1,2,0\nnan,2,0\n", "data.not-finite t:2:1"),
    ("1,-inf,0\n", "data.not-finite t:1:2"),
    ("1,1e39,0\n", "data.not-finite t:1:2"),
    ("1,2,3\n", "data.label-range t:1:3"),
    ("1,2,-1\n", "data.label-range t:1:3"),
    ("1,2,0.5\n", "data.label-range t:1:3"),
    ("1,2,1e30\n", "data.label-range t:1:3"),
  ])
  func rejectsATable(text: String, fault: String) {
    #expect(faults { () throws(Failure) in try decode(text) } == [fault])
  }

  @Test func reportsSeveralRowsAndStops() {
    let found = faults { () throws(Failure) in
      try decode("1,2,0\n" + String(repeating: "1,x,0\n", count: 50))
    }
    #expect(found.count == 8)
    #expect(found.last == "data.not-a-number t:9:2")
  }

  @Test func rejectsAHeaderThatIsNoData() {
    let found = faults { () throws(Failure) in try decode("a,b,c\n", [("header", "true")]) }
    #expect(found == ["data.empty t:1"])
  }

  @Test(arguments: [("label", "0"), ("label", "middle"), ("separator", ","), ("header", "1")])
  func rejectsAKey(key: String, value: String) {
    let found = faults { () throws(Failure) in try decode("1,2,0\n", [(key, value)]) }
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.hasPrefix("spec.") })
  }

  @Test(arguments: [
    ("x,y,k\n1,2,c\n", "[a, b, d]", "data.label-name t:2:3"),
    ("x,y,k\n1,2,0\n", "[a, b, d]", "data.label-name t:2:3"),
    ("x,y,k\n1,2,a\n", "[a, b]", "data.class-names t:1"),
    ("x,y,k\n1,2,a\n3,4,b\n5,6,1\n", "[]", "data.label-name t:2:3"),
    ("x,y,j\n1,2,a\n", "[a, b, c]", "data.label-column t:1"),
  ])
  func rejectsALabelWithoutAClass(text: String, names: String, fault: String) {
    let keys = [("header", "true"), ("label", "k"), ("class_names", names)]
    #expect(faults { () throws(Failure) in try decode(text, keys) } == [fault])
  }

  @Test func aColumnWithANameNeedsAHeader() {
    let found = faults { () throws(Failure) in try decode("1,2,0\n", [("label", "k")]) }
    #expect(found.count == 1 && found[0].hasPrefix("spec.conflict"))
  }

  @Test func aLabelInWordsIsAnsweredWithItsKey() {
    do throws(Failure) {
      _ = try decode("1,2,setosa\n", [("header", "false"), ("label", "3")])
      Issue.record("a label in words was read")
    } catch {
      #expect(error.diagnostics.first?.help?.contains("header: true") ?? false)
    }
    do throws(Failure) {
      _ = try decode("x,y,k\n1,2,virginica\n1,2,setosa\n", [("header", "true")])
      Issue.record("a label in words was read")
    } catch {
      #expect(error.diagnostics.count == 1)
      #expect(
        error.diagnostics[0].help
          == "add 'class_names: [setosa, virginica]', in the order of the classes")
    }
  }

  @Test func rejectsALabelColumnBeyondTheTable() {
    let found = faults { () throws(Failure) in try decode("1,2,0\n", [("label", "4")]) }
    #expect(found == ["data.label-column t:1"])
  }
}
