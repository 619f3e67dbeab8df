import Diagnostics

/// Samples at regular distances in a source, each a fixed arrangement of elements.
///
/// A format states where the bytes are; they are converted on use, so that a set of any size takes no
/// memory.
public struct StoredSamples: Sendable {
  /// Where the bytes are.
  public let source: any ByteSource
  /// The type of each element.
  public let element: ElementType
  /// The offset of the first sample.
  public let start: Int
  /// Bytes from one sample to the next.
  public let stride: Int
  /// The number of samples.
  public let count: Int
  /// The number of elements of a sample.
  public let size: Int
  /// For each value of a sample in row-major order the element that holds it; nil for their own order.
  public let order: [Int]?

  /// Samples, all of which must lie within the source.
  public init(
    _ source: any ByteSource, _ element: ElementType, start: Int, stride: Int, count: Int,
    size: Int, order: [Int]? = nil
  ) {
    precondition(start >= 0 && count >= 0 && stride >= size * element.size)
    precondition(
      count == 0 || start + (count - 1) * stride + size * element.size <= source.count)
    precondition(order.map { $0.count == size && $0.allSatisfy((0..<size).contains) } ?? true)
    self.source = source
    self.element = element
    self.start = start
    self.stride = stride
    self.count = count
    self.size = size
    self.order = order
  }
}

/// Reads stored samples in other units: stored value × scale, in double precision, rounded once to
/// float32.
public struct SampleReader: Sendable {
  /// The stored samples.
  public let samples: StoredSamples
  private let scale: Double
  /// The values of all bytes, where elements are bytes.
  private let byteValues: [Float]?

  /// A reader.
  public init(_ samples: StoredSamples, scale: Double) {
    self.samples = samples
    self.scale = scale
    byteValues =
      samples.element == .uint8 ? (0..<256).map { Float(Double($0) * scale) } : nil
  }

  /// Whether a scaled value may be NaN or infinite.
  public var mayOverflow: Bool {
    byteValues.map { !$0.allSatisfy(\.isFinite) } ?? true
  }

  /// Writes the values of a sample; throws `file.…` where its bytes cannot be read.
  public func read(_ index: Int, into values: UnsafeMutableBufferPointer<Float>) throws(Failure) {
    let size = samples.size * samples.element.size
    let offset = samples.start + index * samples.stride
    try withScratch(size) { bytes throws(Failure) in
      try samples.source.read(at: offset, into: bytes)
      convert(bytes, into: values)
    }
  }

  private func convert(
    _ bytes: UnsafeMutableBufferPointer<UInt8>, into values: UnsafeMutableBufferPointer<Float>
  ) {
    switch (byteValues, samples.order) {
    case (let table?, nil):
      for place in bytes.indices { values[place] = table[Int(bytes[place])] }
    case (let table?, let order?):
      for place in order.indices { values[place] = table[Int(bytes[order[place]])] }
    case (nil, let order):
      let raw = UnsafeRawBufferPointer(bytes)
      let element = samples.element
      for place in 0..<samples.size {
        let offset = (order?[place] ?? place) * element.size
        values[place] = Float(element.value(at: offset, of: raw) * scale)
      }
    }
  }
}

/// Calls `body` with `count` uninitialized bytes.
private func withScratch(
  _ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Void
) throws(Failure) {
  let fault: Failure? = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { bytes in
    do throws(Failure) {
      try body(bytes)
      return nil
    } catch { return error }
  }
  if let fault { throw fault }
}
