import FileFixtures
import Testing

@testable import Files
@testable import TensorGraph

@Suite struct NPZTests {
  static let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n"
  static let elements = floatBytes([1, 2, 3, 4, 5, 6])

  @Test(arguments: [false, true]) func readsArrays(isDeflated: Bool) throws {
    let scalar = npy("{'shape': (), 'fortran_order': False, 'descr': '<f4'}", floatBytes([9]))
    let bytes = zip(
      [("a.weight.npy", npy(Self.header, Self.elements)), ("b.npy", scalar)],
      isDeflated: isDeflated)
    #expect(
      try WeightsFile.decode(bytes, path: "w").tensors == [
        "a.weight": HostTensor([2, 3], [1, 2, 3, 4, 5, 6]), "b": HostTensor(9),
      ])
  }

  @Test func readsFortranOrder() throws {
    let array = npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", Self.elements)
    #expect(
      try WeightsFile.decode(zip([("a.npy", array)]), path: "w").tensors["a"]
        == HostTensor([2, 3], [1, 3, 5, 2, 4, 6]))
  }

  @Test(arguments: [
    ("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3)}", "weights.element-type"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4)}", "weights.size"),
    ("{'descr': '<f4', 'fortran_order': False}", "weights.header"),
    ("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", "weights.header"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}", "weights.header"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3)}", "weights.header"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 3)}", "weights.size"
    ),
  ])
  func rejectsAnArray(header: String, id: String) {
    #expect(weightsFaults(zip([("a.npy", npy(header, Self.elements))])) == [id])
  }

  @Test func rejectsAnArchive() {
    let array = npy(Self.header, Self.elements)
    let good = zip([("a.npy", array)])
    #expect(weightsFaults(good).isEmpty)
    #expect(weightsFaults(Array(good.dropLast())) == ["weights.zip-truncated"])
    #expect(weightsFaults(zip([("a.txt", array)])) == ["weights.format"])
    #expect(weightsFaults(zip([("a.npy", array), ("a.npy", array)])) == ["weights.duplicate"])
    var changed = good
    changed[30 + 5 + array.count - 1] ^= 1
    #expect(weightsFaults(changed) == ["weights.zip-checksum"])
    let bomb = zip([("a.npy", Array(repeating: 0, count: 17 << 20))], isDeflated: true)
    #expect(weightsFaults(bomb) == ["weights.zip-expansion"])
  }

  @Test func refusesPickles() {
    #expect(weightsFaults([0x80, 4, 0x95, 0]) == ["weights.format"])
    #expect(weightsFaults(zip([("archive/data.pkl", [0x80, 2])])) == ["weights.format"])
    #expect(weightsFaults(npy(Self.header, Self.elements)) == ["weights.format"])
  }
}
