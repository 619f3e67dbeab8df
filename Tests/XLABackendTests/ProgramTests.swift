import Diagnostics
import Testing

@testable import XLABackend

/// Programs in StableHLO on the plugin that is installed.
@Suite(.withPlugin) struct ProgramTests {
  private let client: PJRTClient

  init() throws { client = try Plugin.client.get() }

  @Test func describesItself() throws {
    let plugin = try Plugin.plugin.get()
    #expect(plugin.version.wholeMatch(of: /0\.\d+/) != nil)
    let version = try #require(plugin.stableHLOVersion)
    #expect(version.wholeMatch(of: /\d+\.\d+\.\d+/) != nil, "\(version)")
    #expect(!client.platform.isEmpty)
    #expect(!client.devices.isEmpty)
  }

  @Test func multipliesMatrices() throws {
    let program = try client.compile(
      """
      module @product {
        func.func public @main(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<2x4xf32> {
          %0 = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0],
            precision = [HIGHEST, HIGHEST] : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
          return %0 : tensor<2x4xf32>
        }
      }
      """, named: "product")
    let a: [Float] = [1, 2, 3, 4, 5, 6]
    let b: [Float] = [1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1]
    let results = try execute(program, [(a, [2, 3]), (b, [3, 4])])
    #expect(try results.map { try $0.shape() } == [[2, 4]])
    #expect(try elements(results[0], [2, 4]) == [1, 2, 3, 6, 4, 5, 6, 15])
  }

  /// The compiler may store a transposed result column by column.
  @Test func returnsRowMajorResults() throws {
    let program = try client.compile(
      """
      func.func public @main(%a: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<f32>) {
        %0 = stablehlo.transpose %a, dims = [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
        %zero = stablehlo.constant dense<0.0> : tensor<f32>
        %1 = stablehlo.reduce(%a init: %zero) applies stablehlo.add across dimensions = [0, 1]
          : (tensor<2x3xf32>, tensor<f32>) -> tensor<f32>
        return %0, %1 : tensor<3x2xf32>, tensor<f32>
      }
      """, named: "transpose")
    #expect(program.outputs == 2)
    let results = try execute(program, [([1, 2, 3, 4, 5, 6], [2, 3])])
    #expect(try elements(results[0], [3, 2]) == [1, 4, 2, 5, 3, 6])
    #expect(try elements(results[1], []) == [21])
  }

  @Test func updatesADonatedArgumentInPlace() throws {
    let program = try client.compile(
      """
      func.func public @main(%state: tensor<4xf32> {tf.aliasing_output = 0 : i32},
                             %step: tensor<4xf32>) -> tensor<4xf32> {
        %0 = stablehlo.subtract %state, %step : tensor<4xf32>
        return %0 : tensor<4xf32>
      }
      """, named: "update")
    var state = try copy([10, 20, 30, 40], [4])
    let step = try copy([1, 2, 3, 4], [4])
    for _ in 0..<3 {
      let (results, ends) = try program.execute([[state, step]])
      try #require(ends.count == 1)
      try ends[0].await("execute")
      #expect(try state.isDonated())
      state = results[0][0]
    }
    #expect(try !step.isDonated())
    #expect(try elements(state, [4]) == [7, 14, 21, 28])
  }

  @Test func emptyTensorsAndScalarsAreCopied() throws {
    #expect(try elements(try copy([], [0, 3]), [0, 3]) == [])
    #expect(try elements(try copy([2.5], []), []) == [2.5])
  }

  @Test func aTextThatDoesNotParseIsADiagnostic() throws {
    let failure = #expect(throws: Failure.self) {
      try client.compile("func.func @main() { return %1 }", named: "broken")
    }
    let diagnostic = try #require(failure?.diagnostics.first)
    #expect("\(diagnostic.id)" == "device.xla")
    #expect(diagnostic.message.hasPrefix("XLA cannot compile the graph 'broken': "))
    #expect(ExitCode(for: [diagnostic]) == .noDevice)
  }

  @Test func aWrongNumberOfArgumentsIsADiagnostic() throws {
    let program = try client.compile(
      "func.func public @main(%a: tensor<2xf32>) -> tensor<2xf32> { return %a : tensor<2xf32> }",
      named: "identity")
    let failure = #expect(throws: Failure.self) { _ = try program.execute([[]]) }
    let message = failure?.diagnostics.first?.message ?? ""
    #expect(message.hasPrefix("XLA cannot execute the graph 'identity': "))
  }

  /// A client lists as many processors as it is asked for.
  @Test func optionsReachTheClient() throws {
    guard client.platform == "cpu" else { return }
    let plugin = try Plugin.plugin.get()
    #expect(try PJRTClient(plugin, options: [.processors(3)]).devices.count == 3)
    let failure = #expect(throws: Failure.self) {
      try PJRTClient(plugin, options: [.preallocation(false)])
    }
    #expect(failure?.diagnostics.first?.message.contains("preallocate") == true)
  }

  private func copy(_ elements: [Float], _ shape: [Int]) throws -> PJRTBuffer {
    try elements.withUnsafeBufferPointer { elements in
      let (buffer, end) = try client.buffer(elements, shape: shape)
      try end.await("copy")
      return buffer
    }
  }

  private func execute(
    _ program: PJRTExecutable, _ arguments: [(elements: [Float], shape: [Int])]
  ) throws -> [PJRTBuffer] {
    let (results, ends) = try program.execute([
      arguments.map { try copy($0.elements, $0.shape) }
    ])
    for end in ends { try end.await("execute") }
    return results[0]
  }

  private func elements(_ buffer: PJRTBuffer, _ shape: [Int]) throws -> [Float] {
    var elements = [Float](repeating: .nan, count: shape.reduce(1, *))
    try elements.withUnsafeMutableBufferPointer {
      try buffer.read(rank: shape.count, into: $0)
    }
    return elements
  }
}
