import Enclosure
import MatrixProducts
import Testing

@Suite("Matrix products")
struct MatrixProductTests {
  /// Elements in [−1, 1] that differ everywhere.
  private func elements(_ count: Int, _ seed: Int) -> [Double] {
    (0..<count).map { index in
      let bits = UInt64(truncatingIfNeeded: index &* 2_654_435_761 &+ seed &* 40503)
      return Double((bits ^ (bits >> 13)) % 2_000_003) / 1_000_001 - 1
    }
  }

  @Test(
    "A product is within the a-priori bound of the plain sum, for sizes beside the kernel's",
    arguments: [
      (1, 1, 1), (6, 16, 5), (7, 17, 256), (5, 15, 257), (13, 33, 600), (64, 530, 70), (97, 50, 3),
    ])
  func products(_ rows: Int, _ columns: Int, _ inner: Int) {
    let (a, b) = (elements(rows * inner, 1), elements(columns * inner, 2))
    var c = elements(rows * columns, 3)
    let before = c
    for isSubtracted in [false, true] {
      c = before
      a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          c.withUnsafeMutableBufferPointer { c in
            MatrixProduct.accumulate(
              MatrixView(a.baseAddress!, rowStride: inner),
              MatrixView(b.baseAddress!, rowStride: 1, columnStride: columns), rows: rows,
              columns: columns, inner: inner, into: c.baseAddress!, stride: columns,
              isSubtracted: isSubtracted)
          }
        }
      }
      for i in 0..<rows {
        for j in 0..<columns {
          var (sum, size) = (0.0, abs(before[i * columns + j]))
          for k in 0..<inner {
            sum += a[i * inner + k] * b[k * columns + j]
            size += abs(a[i * inner + k] * b[k * columns + j])
          }
          let expected = before[i * columns + j] + (isSubtracted ? -sum : sum)
          let bound = AccumulatedError.gamma(2 * inner + 4).value * size
          #expect(abs(c[i * columns + j] - expected) <= bound)
        }
      }
    }
  }

  @Test("A lower part is complete")
  func lowerPart() {
    let (count, inner) = (45, 30)
    let a = elements(count * inner, 4)
    var (full, lower) = (
      Array(repeating: 0.0, count: count * count), Array(repeating: 0.0, count: count * count)
    )
    a.withUnsafeBufferPointer { a in
      let view = MatrixView(a.baseAddress!, rowStride: inner)
      full.withUnsafeMutableBufferPointer {
        MatrixProduct.accumulate(
          view, view, rows: count, columns: count, inner: inner, into: $0.baseAddress!,
          stride: count)
      }
      lower.withUnsafeMutableBufferPointer {
        MatrixProduct.accumulate(
          view, view, rows: count, columns: count, inner: inner, into: $0.baseAddress!,
          stride: count, part: .lower(offset: 0))
      }
    }
    for i in 0..<count { for j in 0...i { #expect(full[i * count + j] == lower[i * count + j]) } }
    #expect(lower[count - 1] == 0)
  }

  @Test("Workers do every unit once", arguments: [1, 2, 5])
  func workers(_ count: Int) {
    #expect(Workers(count).map(37) { $0 * $0 } == (0..<37).map { $0 * $0 })
    #expect(Workers(count).map(0) { $0 }.isEmpty)
  }
}
