import GraphTestSupport
import TensorGraph
import Testing

@testable import StableHLO

@Suite struct StableHLOProgramTests {
  @Test(arguments: OperationCase.all)
  func everyOperationIsWritten(_ example: OperationCase) {
    let text = StableHLOProgram(example.graph).text
    #expect(text.contains("stablehlo.") || text.contains("chlo.") || text.contains("return %x0"))
  }
}
