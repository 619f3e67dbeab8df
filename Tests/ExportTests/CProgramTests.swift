import Compiler
import Foundation
import TensorGraph
import Testing

@testable import PortableC

/// C programs of networks with every kind of layer, compiled and run.
@Suite struct CProgramTests {
  /// Prints the logits of the inputs in `inputs.h`, and their classes.
  private static func main(_ real: CProgram.Real, classes: Int) -> String {
    """
    #include <stdio.h>
    #include "net.c"
    #include "inputs.h"
    int main(void) {
      for (int n = 0; n < COUNT; n++) {
        \(real) logits[\(classes)];
        net_logits(inputs + n * SIZE, logits);
        for (int i = 0; i < \(classes); i++) printf("%.9g\\n", (double)logits[i]);
        printf("%d\\n", net_predict(inputs + n * SIZE));
      }
      return 0;
    }
    """
  }

  @Test(arguments: ExportedNetwork.kinds, [CProgram.Real.float, .double])
  func logitsAreThoseOfTheReference(kind: String, real: CProgram.Real) throws {
    let network = try ExportedNetwork(kind: kind)
    let text = try CProgram.text(
      network.graph, weights: network.weights.tensors, fed: Prediction.images,
      output: Prediction.logits, name: "net", real: real, remarks: [kind])
    let folder = try ScratchFolder()
    let size = network.inputs.count / ExportedNetwork.count
    let inputs = network.inputs.map { "\($0)" }.joined(separator: ", ")
    try folder.write(Array(text.utf8), to: "net.c")
    try folder.write(
      Array(
        """
        enum { COUNT = \(ExportedNetwork.count), SIZE = \(size) };
        static const \(real) inputs[] = {\(inputs)};

        """.utf8), to: "inputs.h")
    try folder.write(Array(Self.main(real, classes: network.classes).utf8), to: "main.c")
    let flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1"]
    let built = try folder.run(["clang"] + flags + ["main.c", "-o", "main", "-lm"])
    #expect(built.code == 0, "\(built.output)")
    let lines = try folder.run(["./main"]).output.split(separator: "\n")
    let width = network.classes + 1
    try #require(lines.count == ExportedNetwork.count * width)
    let rows = (0..<ExportedNetwork.count).map { lines[$0 * width..<($0 + 1) * width] }
    network.check(try rows.flatMap { try $0.dropLast().map { try #require(Float($0)) } }, kind)
    for row in rows {
      let logits = row.dropLast().compactMap { Float($0) }
      #expect(row.last.map { Int($0) } == logits.firstIndex(of: logits.max() ?? 0))
    }
  }

  @Test(arguments: [
    Float(1), -0.1, 3.4e38, 1e-45, 1.5e-38, -0, 0x1.fffffep127, 0.33333334, 16_777_217,
  ])
  func literalsAreExact(number: Float) {
    let builder = GraphBuilder("g")
    builder.output("y", builder.input("x", [1, 1]))
    for real in [CProgram.Real.float, .double] {
      let text = CProgram.literal(number, real)
      let read = Double(text.hasSuffix("f") && real == .float ? String(text.dropLast()) : text)
      #expect(read == Double(number), "\(text)")
    }
  }
}
