import Diagnostics
import FileFixtures
import ModelIR
import Testing

@testable import Catalog

@Suite struct NPZFormatTests {
  static func array(
    _ description: String, _ shape: String, _ elements: [UInt8], isFortran: Bool = false
  ) -> [UInt8] {
    npy(
      "{'descr': '\(description)', 'fortran_order': \(isFortran ? "True" : "False"), "
        + "'shape': \(shape), }", elements)
  }

  static let images = array("|u1", "(2, 3, 1, 2)", Array(0..<12))
  static let labels = array("<i8", "(2,)", little(2, 8) + little(0, 8))
  static let good = zip([("images.npy", images), ("labels.npy", labels)])

  func decode(
    _ bytes: [UInt8], _ keys: [(String, String)] = [], shape: [Int] = [3, 1, 2],
    split: DataSplit = .train
  ) throws(Failure) -> LabeledData {
    var reader = configReader("npz", keys)
    let format = NPZFormat(from: &reader)
    guard !reader.hasFaults else { throw Failure(reader.diagnostics) }
    return try format.decode(
      DataFiles(named: ["arrays": DataFile(path: "z", bytes: bytes)]), split: split, shape: shape,
      classes: 3)
  }

  @Test(arguments: [false, true], [[3, 1, 2], [6], [3, 2]])
  func decodesBytes(isDeflated: Bool, shape: [Int]) throws {
    let bytes = zip(
      [("labels.npy", Self.labels), ("images.npy", Self.images)], isDeflated: isDeflated)
    let data = try decode(bytes, shape: shape)
    #expect(data.numbers == (0..<12).map(Float.init))
    #expect(data.labels == [2, 0])
  }

  @Test(
    arguments: [
      ("|u1", [0, 1, 200].flatMap { little($0, 1) }, [0, 1, 200]),
      ("|i1", [0, 1, 200].flatMap { little($0, 1) }, [0, 1, -56]),
      ("<u2", [0, 1, 65535].flatMap { little($0, 2) }, [0, 1, 65535]),
      ("<i2", [0, 1, 65535].flatMap { little($0, 2) }, [0, 1, -1]),
      ("<u4", [0, 1, 1 << 31].flatMap { little($0, 4) }, [0, 1, 0x1p31]),
      ("<i4", [0, 1, 1 << 31].flatMap { little($0, 4) }, [0, 1, -0x1p31]),
      ("<u8", [0, 1, -1].flatMap { little($0, 8) }, [0, 1, 0x1p64]),
      ("<i8", [0, 1, -1].flatMap { little($0, 8) }, [0, 1, -1]),
      ("<f4", floatBytes([0, 1.5, -3e38]), [0, 1.5, -3e38]),
      (
        "<f8", [0.0, 1.5, 0.1].flatMap { little(Int(bitPattern: UInt($0.bitPattern)), 8) },
        [0, 1.5, 0.1]
      ),
    ] as [(String, [UInt8], [Float])])
  func decodesElements(type: String, elements: [UInt8], values: [Float]) throws {
    let bytes = zip([
      ("x.npy", Self.array(type, "(3, 1)", elements)),
      ("y.npy", Self.array("<f4", "(3, 1)", floatBytes([0, 1, 2]))),
    ])
    let data = try decode(bytes, shape: [1])
    #expect(data.numbers == values)
    #expect(data.labels == [0, 1, 2])
  }

  @Test func readsChannelsThatComeLast() throws {
    let bytes = zip([
      ("images.npy", Self.array("|u1", "(1, 2, 2, 3)", Array(0..<12))),
      ("labels.npy", Self.array("|u1", "(1,)", [1])),
    ])
    let data = try decode(bytes, [("layout", "nhwc")], shape: [3, 2, 2])
    #expect(data.numbers == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])
    let found = faults { () throws(Failure) in try decode(bytes, shape: [3, 2, 2]) }
    #expect(found == ["data.shape z@0"])
  }

  @Test(
    arguments: [
      ("(1, 2, 3)", [1, 2, 3], [0, 1, 2, 3, 4, 5]), ("(1, 2, 3)", [2, 3], nil),
      ("(1, 2, 3)", [3, 2], [0, 3, 1, 4, 2, 5]), ("(1, 2, 3)", [6], [0, 1, 2, 3, 4, 5]),
      ("(1, 1, 2, 3)", [6], [0, 3, 1, 4, 2, 5]), ("(1, 2, 3, 1)", [1, 2, 3], [0, 1, 2, 3, 4, 5]),
    ] as [(String, [Int], [Float]?)])
  func movesChannelsOnlyWhereThereAre(stored: String, shape: [Int], values: [Float]?) throws {
    let bytes = zip([
      ("images.npy", Self.array("|u1", stored, Array(0..<6))),
      ("labels.npy", Self.array("|u1", "(1,)", [1])),
    ])
    let decoded = { () throws(Failure) -> LabeledData in
      try decode(bytes, [("layout", "nhwc")], shape: shape)
    }
    if let values {
      #expect(try decoded().numbers == values)
    } else {
      #expect(faults(decoded) == ["data.shape z@0"])
    }
  }

  @Test func findsTheArraysOfASplit() throws {
    let one = { (value: UInt8) in Self.array("|u1", "(1, 1)", [value]) }
    let label = { (value: UInt8) in Self.array("|u1", "(1,)", [value]) }
    let bytes = zip([
      ("x_train.npy", one(1)), ("y_train.npy", label(1)), ("x_test.npy", one(2)),
      ("y_test.npy", label(2)), ("other.npy", one(3)),
    ])
    #expect(try decode(bytes, shape: [1]).numbers == [1])
    #expect(try decode(bytes, shape: [1]).labels == [1])
    #expect(try decode(bytes, shape: [1], split: .test).numbers == [2])
    #expect(try decode(bytes, shape: [1], split: .test).labels == [2])
    #expect(try decode(bytes, [("images", "other")], shape: [1]).numbers == [3])
  }

  @Test(
    arguments: [
      ([], "data.format z@0"),
      (npy("x", []), "data.format z@0"),
      (good.dropLast(), "data.zip-truncated z@\(good.count - 1)"),
      (zip([("images.npy", images)]), "data.missing-array z@0"),
      (
        zip([("images.npy", images), ("x.npy", images), ("labels.npy", labels)]),
        "data.ambiguous-array z@0"
      ),
      (
        zip([("images.npy", images), ("images.npy", images), ("labels.npy", labels)]),
        "data.duplicate-array z@0"
      ),
      (zip([("images.npy", [1, 2]), ("labels.npy", labels)]), "data.array z@0"),
      (
        zip(
          [("images.npy", images.dropLast()), ("labels.npy", labels)].map { ($0.0, Array($0.1)) }),
        "data.array z@0"
      ),
      (
        zip([("images.npy", array(">f4", "(2, 1)", floatBytes([1, 2]))), ("labels.npy", labels)]),
        "data.element-type z@0"
      ),
      (
        zip([
          (
            "images.npy",
            array("<f4", "(2, 6)", floatBytes(Array(repeating: 1, count: 11) + [.nan]))
          ), ("labels.npy", labels),
        ]),
        "data.not-finite z@0"
      ),
      (
        zip([("images.npy", array("|u1", "(2,)", [1, 2])), ("labels.npy", labels)]), "data.rank z@0"
      ),
      (
        zip([
          ("images.npy", array("|u1", "(2, 6)", Array(0..<12), isFortran: true)),
          ("labels.npy", labels),
        ]),
        "data.array-order z@0"
      ),
    ] as [([UInt8], String)])
  func rejects(bytes: [UInt8], fault: String) {
    #expect(faults { () throws(Failure) in try decode(Array(bytes)) } == [fault])
  }

  @Test(
    arguments: [
      (array("<i8", "(3,)", little(2, 8) + little(0, 8) + little(0, 8)), "data.count"),
      (array("<i8", "(2,)", little(2, 8) + little(3, 8)), "data.label-range"),
      (array("<i8", "(2,)", little(2, 8) + little(-1, 8)), "data.label-range"),
      (array("<f4", "(2,)", floatBytes([1, 0.5])), "data.label-range"),
      (array("|u1", "(1, 1, 2)", [1, 0]), "data.rank"),
    ] as [([UInt8], String)])
  func rejectsLabels(labels: [UInt8], rule: String) {
    let bytes = zip([("labels.npy", labels), ("images.npy", Self.images)])
    #expect(faults { () throws(Failure) in try decode(bytes) } == ["\(rule) z@0"])
  }

  @Test func namesWhatIsThere() {
    let found = faults { () throws(Failure) in try decode(Self.good, [("images", "image")]) }
    #expect(found == ["data.missing-array z@0"])
    #expect(
      faults { () throws(Failure) in try decode(Self.good, [("layout", "hwc")]) }
        == ["spec.unknown-word spec"])
  }
}
