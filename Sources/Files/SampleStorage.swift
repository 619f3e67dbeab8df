import Diagnostics
import FileFormats
import ModelIR

/// The values of samples in input units, in memory or as they are stored.
enum SampleStorage: Sendable {
  /// Bytes of float32 of one split that are kept in memory: 256 MiB.
  static let standardLimit = 256 << 20

  /// Samples after one another, row-major.
  case resident([Float], sampleCount: Int)
  /// Parts after one another.
  case stored([SampleReader])

  /// Converts the samples if they take no more than `limit` bytes then.
  init(_ data: LabeledData, scale: Double, limit: Int) throws(Failure) {
    switch data.values {
    case .numbers(let values):
      let scaled = scale == 1 ? values : values.map { Float(Double($0) * scale) }
      self = .resident(scaled, sampleCount: data.sampleCount)
    case .stored(let parts):
      let readers = parts.map { SampleReader($0, scale: scale) }
      let fits = data.count <= limit / max(1, data.sampleCount * MemoryLayout<Float>.size)
      self = fits ? try Self.resident(readers, data.sampleCount) : .stored(readers)
    }
  }

  /// Whether a value may have left the range of float32 when it was scaled.
  var mayOverflow: Bool {
    switch self {
    case .resident: true
    case .stored(let readers): readers.contains(where: \.mayOverflow)
    }
  }

  /// Copies a sample; throws `file.…`.
  func copy(_ place: Int, to target: UnsafeMutableBufferPointer<Float>) throws(Failure) {
    switch self {
    case .resident(let values, let sampleCount):
      values.withUnsafeBufferPointer { source in
        let sample = source[place * sampleCount..<(place + 1) * sampleCount]
        _ = target.update(fromContentsOf: sample)
      }
    case .stored(let readers):
      var place = place
      for reader in readers {
        if place < reader.samples.count { return try reader.read(place, into: target) }
        place -= reader.samples.count
      }
    }
  }

  private static func resident(
    _ readers: [SampleReader], _ sampleCount: Int
  ) throws(Failure) -> SampleStorage {
    let count = readers.reduce(0) { $0 + $1.samples.count }
    var values = [Float](repeating: 0, count: count * sampleCount)
    try values.withUnsafeMutableBufferPointer { buffer throws(Failure) in
      let stored = SampleStorage.stored(readers)
      for place in 0..<count {
        let target = buffer[place * sampleCount..<(place + 1) * sampleCount]
        try stored.copy(place, to: UnsafeMutableBufferPointer(rebasing: target))
      }
    }
    return .resident(values, sampleCount: sampleCount)
  }
}
