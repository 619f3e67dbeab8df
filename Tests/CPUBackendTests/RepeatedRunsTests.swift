import Testing

@testable import CPUBackend

struct RepeatedRunsTests {
  private func view(_ nest: [(extent: Int, stride: Int)]) -> StridedSource {
    StridedSource(nest.map { StridedDimension(extent: $0.extent, stride: $0.stride) }, offset: 3)
  }

  @Test func channelsInBlocksRepeatOverSpace() throws {
    let runs = try #require(
      RepeatedRuns(view([(5, 0), (4, 8), (64, 0), (8, 1)]), width: 8))
    #expect(runs.period == 8)
    #expect(runs.length == 512)
    #expect((0..<8).map { runs.place(ofElement: $0 * 512) } == [3, 11, 19, 27, 3, 11, 19, 27])
  }

  @Test func channelsOutsideOfSpaceRepeatOneNumber() throws {
    let runs = try #require(RepeatedRuns(view([(5, 0), (4, 1), (300, 0)]), width: 8))
    #expect(runs.period == 1)
    #expect(runs.length == 300)
    #expect((0..<5).map { runs.place(ofElement: $0 * 300) } == [3, 4, 5, 6, 3])
  }

  @Test func otherViewsHaveNone() {
    // Channels innermost, more than a vector; blocks wider than a vector; short runs; a transposition.
    #expect(RepeatedRuns(view([(400, 0), (24, 1)]), width: 16) == nil)
    #expect(RepeatedRuns(view([(4, 16), (64, 0), (16, 1)]), width: 8) == nil)
    #expect(RepeatedRuns(view([(4, 8), (2, 0), (8, 1)]), width: 8) == nil)
    #expect(RepeatedRuns(view([(400, 1), (24, 400)]), width: 16) == nil)
  }
}
