import Diagnostics
import Files
import ModelIR

/// Means and deviations of the channels of training samples.
///
/// Channels are the first axis of a sample. Cost: two passes over the samples.
struct ChannelStatistics {
  private let means: [Double]
  private let variances: [Double]

  /// Throws `file.…` where samples cannot be read.
  init(of samples: SampleSet) throws(Failure) {
    let channels = samples.shape.first ?? 1
    let means = try Self.averages(samples, channels) { value, _ in value }
    variances = try Self.averages(samples, channels) { value, channel in
      (value - means[channel]) * (value - means[channel])
    }
    self.means = means
  }

  private static func averages(
    _ samples: SampleSet, _ channels: Int, of function: (Double, Int) -> Double
  ) throws(Failure) -> [Double] {
    var sums = Array(repeating: 0.0, count: channels)
    let area = samples.sampleCount / channels
    for index in 0..<samples.count {
      let values = try samples[index]
      for (place, value) in values.enumerated() {
        sums[place / area] += function(Double(value), place / area)
      }
    }
    return sums.map { $0 / Double(samples.count * area) }
  }

  /// The numbers that a parameter starts from, one for each channel.
  func elements(_ statistic: DataStatistic) -> [Float] {
    switch statistic {
    case .mean: means.map { Float($0) }
    case .reciprocalDeviation: zip(means, variances).map(Self.reciprocal)
    }
  }

  /// 1/σ, or 1 where the deviation is no more than rounding makes of a constant.
  private static func reciprocal(mean: Double, variance: Double) -> Float {
    let deviation = variance.squareRoot()
    let reciprocal = Float(1 / deviation)
    return deviation > mean.magnitude * 0x1p-20 && reciprocal.isNormal ? reciprocal : 1
  }
}
