import Testing

@testable import CPUBackend

/// Views read in pieces against their definition, one element at a time.
struct StridedSourceTests {
  /// Nests, outermost first, as (extent, stride): runs that repeat with and without loops around them, as
  /// numbers per channel in layouts with channels innermost or in blocks; rows; columns.
  static let nests: [[(extent: Int, stride: Int)]] = [
    [(50, 0), (5, 1)], [(40, 0), (16, 1)], [(3, 0), (4, 16), (7, 0), (16, 1)],
    [(2, 8), (9, 0), (8, 1)], [(6, 3), (5, 0), (3, 1)], [(11, 1), (13, 0)], [(7, 1), (9, 7)],
    [(5, 40), (4, 2), (3, 0), (2, 1)],
  ]

  @Test(arguments: nests.indices) func piecesAgreeWithTheDefinition(_ index: Int) {
    let nest = Self.nests[index].map { StridedDimension(extent: $0.extent, stride: $0.stride) }
    let view = StridedSource(nest, offset: 2)
    let total = nest.reduce(1) { $0 * $1.extent }
    let source = Elements.allocate(capacity: 400)
    let piece = Elements.allocate(capacity: total)
    defer {
      source.deallocate()
      piece.deallocate()
    }
    for i in 0..<400 { source[i] = Float(i) }
    let wanted = (0..<total).map { position in
      var (rest, offset) = (position, 2)
      for dimension in nest.reversed() {
        offset += rest % dimension.extent * dimension.stride
        rest /= dimension.extent
      }
      return Float(offset)
    }
    for start in 0..<total {
      for count in [1, 2, 7, 8, 16, 33, 64, total] where start + count <= total {
        view.read(piece, from: source, start: start, count: count)
        let found = (0..<count).map { piece[$0] }
        #expect(found == Array(wanted[start..<start + count]), "\(count) from \(start)")
      }
    }
  }
}
