import TensorGraph
import Testing

@Suite struct BFloat16Tests {
  /// The upper half of a number's bits, with the lower half rounded to the nearest, ties to even.
  static func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits + 0x7FFF + (bits >> 16) & 1) & 0xFFFF_0000)
  }

  @Test func numbersAreRoundedToTheNearestTiesToEven() {
    for bits in stride(from: UInt32(0), to: 0x7F80_0000, by: 65_521 / 8) {
      for x in [Float(bitPattern: bits), -Float(bitPattern: bits)] {
        #expect(Double(x).roundedToBFloat16 == Double(Self.rounded(x)), "\(x)")
      }
    }
    for (x, wanted) in [(1 + 0x1p-8, 1), (1 + 0x3p-8, 1 + 0x1p-6), (0x1.FFp127, .infinity)] {
      #expect(x.roundedToBFloat16 == wanted && (-x).roundedToBFloat16 == -wanted)
    }
    // Not rounded twice: just above the middle of two neighbors, which float32 cannot tell.
    #expect((1 + 0x1p-8 + 0x1p-40).roundedToBFloat16 == 1 + 0x1p-7)
    #expect(Double.nan.roundedToBFloat16.isNaN)
    #expect(Double.infinity.roundedToBFloat16 == .infinity)
  }

  /// Every product of the derivatives has rounded operands; the derivatives themselves are not rounded.
  @Test func derivativesOfProductsAreProductsOfRoundedOperands() {
    let builder = GraphBuilder("product")
    let x = builder.input("x", [2, 3])
    let w = builder.input("w", [4, 3])
    let y = roundedToBFloat16(x).dot(roundedToBFloat16(w), transposeRight: true)
    let gradients = (y * y).sum().gradients(withRespectTo: [x, w])
    builder.output("dx", gradients[0])
    builder.output("dw", gradients[1])
    let graph = builder.graph.simplified()
    let products = graph.nodes.filter {
      if case .dot = $0.operation { true } else { false }
    }
    #expect(products.count == 3)
    for product in products {
      #expect(product.operands.allSatisfy { graph[$0].operation == .unary(.bfloat16) })
    }
    for output in graph.outputs {
      if case .dot = graph[output.value].operation { continue }
      Issue.record("\(output.name) is no product\n\(graph.text)")
    }
  }

  @Test func roundingTwiceIsRoundingOnce() {
    let builder = GraphBuilder("twice")
    let x = builder.input("x", [3])
    builder.output("y", roundedToBFloat16(roundedToBFloat16(x)))
    #expect(builder.graph.simplified().nodes.count == 2)
  }
}
