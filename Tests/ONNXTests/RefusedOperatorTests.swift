import Diagnostics
import FileFormats
import SwiftProtobuf
import Testing

@testable import ONNX

/// Nodes that no layer can express, in models of a node or two.
@Suite struct RefusedOperatorTests {
  static func tensor(_ name: String, _ shape: [Int], _ elements: [Float]) -> ProtoTensor {
    ProtoTensor.with {
      $0.name = name
      $0.dims = shape.map(Int64.init)
      $0.dataType = 1
      $0.floatData = elements
    }
  }

  static func node(
    _ operation: String, _ inputs: [String], _ output: String, ints: [String: [Int64]] = [:]
  ) -> ProtoNode {
    ProtoNode.with {
      $0.opType = operation
      $0.name = "the-\(operation)"
      $0.input = inputs
      $0.output = [output]
      $0.attribute = ints.sorted { $0.key < $1.key }.map { entry in
        ProtoAttribute.with {
          ($0.name, $0.ints, $0.type) = (entry.key, entry.value, 7)
        }
      }
    }
  }

  static func value(_ name: String, _ extents: [Int64]) -> ProtoValue {
    ProtoValue.with {
      $0.name = name
      $0.type.tensorType.shape.dim = extents.map { extent in
        ProtoDimension.with { $0.value = .dimValue(extent) }
      }
    }
  }

  static func model(
    _ nodes: [ProtoNode], input: [Int64] = [1, 4], constants: [ProtoTensor] = []
  ) throws -> [UInt8] {
    try ProtoModel.with {
      $0.irVersion = 8
      $0.opsetImport = [ProtoOperatorSet.with { $0.version = 13 }]
      $0.graph.node = nodes
      $0.graph.initializer = constants
      $0.graph.input = [value("x", input)]
      $0.graph.output = [value("y", [1, 2])]
    }.serializedBytes()
  }

  static func messages(_ bytes: [UInt8]) -> [String] {
    do throws(Failure) {
      _ = try ImportTests.network(bytes)
      return []
    } catch {
      return error.diagnostics.map { "\($0.id): \($0.message)" }
    }
  }

  @Test(arguments: [
    ("Exp", "no finite Lipschitz constant"), ("Sign", "not continuous"),
    ("LogSoftmax", "end the model before it"), ("Einsum", "does not know"),
    ("QuantizeLinear", "quantized"), ("Loop", "control flow"),
  ])
  func theReasonIsNamed(operation: String, reason: String) throws {
    let found = Self.messages(try Self.model([Self.node(operation, ["x"], "y")]))
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("weights.onnx-operator: node 'the-\(operation)' (\(operation)): "))
    #expect(found[0].contains(reason))
  }

  /// Halves of channels that are not joined as MaxMin joins them.
  @Test(arguments: [
    ["Max", "x", "x"], ["ReduceMax", "x"], ["Slice", "x", "s", "s"], ["Max", "low", "low"],
    ["Concat", "larger", "larger"], ["Concat", "smaller", "larger"], ["Concat", "larger", "x"],
    ["Relu", "low"],
  ])
  func halvesAreReadAsMaxMinOnly(last: [String]) throws {
    var nodes = [
      Self.node("Split", ["x"], "low"), Self.node("Max", ["low", "high"], "larger"),
      Self.node("Min", ["high", "low"], "smaller"),
    ]
    nodes[0].output = ["low", "high"]
    nodes[0].attribute = [ProtoAttribute.with { ($0.name, $0.i, $0.type) = ("axis", 1, 2) }]
    func messages(_ last: [String]) throws -> [String] {
      Self.messages(
        try Self.model(
          nodes + [Self.node(last[0], Array(last.dropFirst()), "y")],
          constants: [Self.integers("s", [0])]))
    }
    let found = try messages(last)
    #expect(found.count == 1 && found[0].contains("halves of the channels"), "\(found)")
    #expect(try messages(["Concat", "larger", "smaller"]).isEmpty)
  }

  /// What looks like an activation function and is none.
  @Test(arguments: [
    ("Mul", 0.5, 0.70710677, 1, true), ("Mul", 0.25, 0.70710677, 1, false),
    ("Mul", 0.5, 0.7, 1, false), ("Mul", 0.5, 0.70710677, 2, false),
    ("Div", 0.5, 1.4142135, 1, true), ("Add", 0.5, 0.70710677, 1, false),
  ])
  func constantsOfGELUAreCompared(
    scaling: String, half: Float, root: Float, one: Float, isGELU: Bool
  ) throws {
    let found = Self.messages(
      try Self.model(
        [
          Self.node(scaling, ["x", "root"], "a"), Self.node("Erf", ["a"], "b"),
          Self.node("Add", ["b", "one"], "c"), Self.node("Mul", ["x", "c"], "d"),
          Self.node("Mul", ["d", "half"], "y"),
        ],
        constants: [
          Self.tensor("half", [], [half]), Self.tensor("root", [1], [root]),
          Self.tensor("one", [], [one]),
        ]))
    #expect(found.isEmpty == isGELU, "\(found)")
    #expect(isGELU || found.first?.contains("erf") == true)
  }

  @Test(arguments: ["Mul", "MatMul", "Div"])
  func productsOfTwoActivationsAreRefused(operation: String) throws {
    let found = Self.messages(try Self.model([Self.node(operation, ["x", "x"], "y")]))
    #expect(found.count == 1 && found[0].contains("no finite"), "\(found)")
  }

  /// Some tools list a constant behind its use.
  @Test func nodesMayStandInAnyOrder() throws {
    let constant = ProtoNode.with {
      ($0.opType, $0.name, $0.output) = ("Constant", "the-constant", ["w"])
      $0.attribute = [
        ProtoAttribute.with {
          ($0.name, $0.t, $0.type) = (
            "value", Self.tensor("w", [4, 2], (0..<8).map(Float.init)), 4
          )
        }
      ]
    }
    let nodes = [
      Self.node("MatMul", ["x", "w"], "a"), Self.node("Relu", ["a"], "b"),
      Self.node("Abs", ["b"], "c"), Self.node("Add", ["b", "c"], "y"), constant,
    ]
    func spec(_ nodes: [ProtoNode]) throws -> String {
      try ImportTests.network(try Self.model(nodes)).spec(name: "n", source: "n", data: nil)
    }
    let expected = try spec([constant] + nodes.dropLast())
    #expect(expected.contains("dense") && expected.contains("add"))
    #expect(try spec(nodes) == expected)
    #expect(try spec(nodes.reversed()) == expected)
  }

  @Test(arguments: [
    (["Add", "x", "z"], "no node makes its input 'z'"),
    (["Add", "x", "y"], "no node makes its input 'y', or only one that depends on it"),
    (["Identity", "x"], "the output 'y' is the input"),
  ])
  func valuesWithoutSourceAreNamed(last: [String], reason: String) throws {
    let found = Self.messages(
      try Self.model([Self.node(last[0], Array(last.dropFirst()), "y")]))
    #expect(found.count == 1 && found[0].contains(reason), "\(found)")
  }

  @Test func allFaultsAreReportedAtOnce() throws {
    let found = Self.messages(
      try Self.model([
        Self.node("Exp", ["x"], "a"), Self.node("Relu", ["a"], "b"), Self.node("Sign", ["x"], "c"),
        Self.node("Add", ["b", "c"], "y"),
      ]))
    #expect(found.count == 2, "\(found)")
  }

  @Test func samplesStayApart() throws {
    let found = Self.messages(
      try Self.model(
        [Self.node("Reshape", ["x", "s"], "y")], constants: [Self.integers("s", [2, 2])]))
    #expect(found.first?.contains("must keep samples apart") == true, "\(found)")
    let turned = Self.messages(
      try Self.model([Self.node("Transpose", ["x"], "y", ints: ["perm": [1, 0]])]))
    #expect(turned.first?.contains("leave the batch where it is") == true, "\(turned)")
  }

  /// Extents that do not fit would be a trap further on.
  @Test(arguments: [[-3], [0, 3], [2, 2], [3, -1, 0]])
  func constantsKeepTheirNumberOfElements(_ extents: [Int64]) throws {
    let found = Self.messages(
      try Self.model(
        [
          Self.node("Reshape", ["c", "s"], "a"), Self.node("Slice", ["a", "zero", "one"], "b"),
          Self.node("Reshape", ["x", "b"], "y"),
        ],
        constants: [
          Self.integers("c", [1, 4, 1]), Self.integers("s", extents), Self.integers("zero", [0]),
          Self.integers("one", [1]),
        ]))
    #expect(found.count == 1 && found[0].contains("cannot be reshaped"), "\(found)")
  }

  static func integers(_ name: String, _ elements: [Int64]) -> ProtoTensor {
    ProtoTensor.with {
      ($0.name, $0.dims, $0.dataType) = (name, [Int64(elements.count)], 7)
      $0.int64Data = elements
    }
  }

  /// What would silently mean another network.
  @Test func whatMixesSamplesOrClassesIsRefused() throws {
    let square = Self.tensor("w", [4, 4], Array(repeating: 1, count: 16))
    let left = Self.messages(
      try Self.model([Self.node("MatMul", ["w", "x"], "y")], input: [4, 4], constants: [square]))
    #expect(left.first?.contains("from the left") == true, "\(left)")
    let column = Self.messages(
      try Self.model(
        [Self.node("Gemm", ["x", "w", "b"], "y")], input: [4, 4],
        constants: [square, Self.tensor("b", [4, 1], [1, 2, 3, 4])]))
    #expect(column.first?.contains("a vector of 4 numbers") == true, "\(column)")
    let moved = Self.messages(
      try Self.model(
        [
          Self.node("Relu", ["x"], "a"),
          Self.node("Transpose", ["a"], "y", ints: ["perm": [0, 2, 1]]),
        ],
        input: [1, 2, 3]))
    #expect(moved.first?.contains("is transposed") == true, "\(moved)")
    let slopes = Self.messages(
      try Self.model(
        [Self.node("PRelu", ["x", "s"], "y")], input: [1, 3, 3, 3],
        constants: [Self.tensor("s", [3], [0.1, 0.2, 0.3])]))
    #expect(slopes.first?.contains("for each channel") == true, "\(slopes)")
  }

  @Test(arguments: [("Cast", "to", 7), ("Softmax", "axis", 0)])
  func attributesThatChangeTheMeaningAreRead(operation: String, name: String, value: Int64) throws {
    var node = Self.node(operation, ["x"], "y")
    node.attribute = [ProtoAttribute.with { ($0.name, $0.i, $0.type) = (name, value, 2) }]
    let found = Self.messages(try Self.model([node]))
    #expect(found.count == 1 && found[0].contains("(\(operation))"), "\(found)")
  }

  /// A sum becomes a bias only where nothing else reads the product, under this name or another.
  @Test func aBiasIsNotSharedWithOtherReaders() throws {
    let weight = Self.tensor("w", [4, 4], Array(repeating: 1, count: 16))
    let bias = Self.tensor("b", [4], [1, 2, 3, 4])
    func network(_ nodes: [ProtoNode]) throws -> ImportedNetwork {
      try ImportTests.network(try Self.model(nodes, constants: [weight, bias]))
    }
    let own = try network([
      Self.node("MatMul", ["x", "w"], "p"), Self.node("Add", ["p", "b"], "y"),
    ])
    #expect(own.weights.keys.contains { $0.hasSuffix(".bias") })
    let shared = try network([
      Self.node("MatMul", ["x", "w"], "p"), Self.node("Identity", ["p"], "q"),
      Self.node("Add", ["q", "b"], "r"), Self.node("Add", ["p", "r"], "y"),
    ])
    #expect(!shared.weights.keys.contains { $0.hasSuffix(".bias") })
  }

  @Test func aFixedBatchMayBeNamedInAReshape() throws {
    let found = Self.messages(
      try Self.model(
        [Self.node("Reshape", ["x", "s"], "y")], input: [8, 2, 2],
        constants: [Self.integers("s", [8, 4])]))
    #expect(found.isEmpty, "\(found)")
  }

  @Test func shapesThatDoNotFitAreRefused() throws {
    let weight = Self.tensor("w", [2, 3], Array(repeating: 1, count: 6))
    let found = Self.messages(
      try Self.model([Self.node("MatMul", ["x", "w"], "y")], constants: [weight]))
    #expect(found.first?.contains("4 values of a sample") == true, "\(found)")
    let short = Self.tensor("w", [2, 3], [1, 2])
    let faulty = Self.messages(
      try Self.model([Self.node("MatMul", ["x", "w"], "y")], constants: [short]))
    #expect(faulty == ["weights.onnx: the initializer 'w' has 2 elements for the extents [2, 3]"])
  }

  /// Weights beside a model are read from its folder alone.
  @Test(arguments: ["../secret", "/etc/passwd", "..", ""])
  func weightsLieBesideTheModel(location: String) throws {
    let outside = ProtoTensor.with {
      ($0.name, $0.dims, $0.dataType, $0.dataLocation) = ("w", [4, 2], 1, 1)
      $0.externalData = [
        ProtoEntry.with { ($0.key, $0.value) = ("location", location) }
      ]
    }
    let found = Self.messages(
      try Self.model([Self.node("MatMul", ["x", "w"], "y")], constants: [outside]))
    #expect(found.first?.contains("in the folder of the model") == true, "\(found)")
  }

  @Test func externalWeightsAreRead() throws {
    let outside = ProtoTensor.with {
      ($0.name, $0.dims, $0.dataType, $0.dataLocation) = ("w", [4, 2], 1, 1)
      $0.externalData = [("location", "w.data"), ("offset", "4"), ("length", "32")].map { entry in
        ProtoEntry.with { ($0.key, $0.value) = entry }
      }
    }
    let bytes = try Self.model([Self.node("MatMul", ["x", "w"], "y")], constants: [outside])
    let elements = (0..<9).map { Float($0) }
    let stored = elements.flatMap { element in
      withUnsafeBytes(of: element.bitPattern.littleEndian) { Array($0) }
    }
    let network = try ImportedNetwork.read(bytes, path: "m.onnx") { name in
      #expect(name == "w.data")
      return stored
    }
    #expect(network.weights.values.first?.elements == [1, 3, 5, 7, 2, 4, 6, 8])
  }
}
