/// The offsets of a strided array's elements in row-major order.
func stridedOffsets(_ extents: [Int], strides: [Int]) -> [Int] {
  zip(extents, strides).reduce([0]) { offsets, axis in
    offsets.flatMap { offset in (0..<axis.0).map { offset + $0 * axis.1 } }
  }
}
