import Foundation
import ModelIR
import Testing

@testable import Catalog

/// Augmentations against formulas written out per pixel, over many draws.
struct AugmentationTests {
  static let shape = [2, 3, 5]
  static let image = (1...30).map { Float($0) }

  static func apply(
    _ augmentation: any Augmentation, seed: UInt64 = 1, place: Int = 0, epoch: Int = 0, sample: Int
  ) -> [Float] {
    var pixels = image
    pixels.withUnsafeMutableBufferPointer {
      augmentation.apply(
        to: $0, shape: shape,
        draws: SampleDraws(seed: seed, place: place, epoch: epoch, sample: sample))
    }
    return pixels
  }

  /// The image at (row + down, column + right), 0 outside.
  static func shifted(down: Int, right: Int) -> [Float] {
    (0..<30).map { place in
      let (channel, row, column) = (place / 15, place / 5 % 3 + down, place % 5 + right)
      guard (0..<3).contains(row), (0..<5).contains(column) else { return 0 }
      return image[channel * 15 + row * 5 + column]
    }
  }

  @Test func everyExampleDecodes() throws {
    for type in Catalog.augmentations {
      #expect(!type.examples.isEmpty)
      for keys in type.examples { try type.decoded(keys).check(Self.shape) }
    }
  }

  @Test func aCropIsOneOfAllShiftsEachAboutAsOften() {
    let crop = RandomCropAugmentation.decoded("2")
    let shifts = (-2...2).flatMap { down in (-2...2).map { Self.shifted(down: down, right: $0) } }
    var counts = Array(repeating: 0, count: 25)
    for sample in 0..<5000 {
      guard let place = shifts.firstIndex(of: Self.apply(crop, sample: sample)) else {
        Issue.record("sample \(sample) is no shift")
        continue
      }
      counts[place] += 1
    }
    // 200 ± 5 deviations of 13.9.
    #expect(counts.allSatisfy { (130...270).contains($0) }, "\(counts)")
  }

  /// Bilinear interpolation between the four whole shifts around, by the weights that one pixel shows.
  @Test func aTranslationMixesNeighboringShifts() throws {
    let move = TranslateAugmentation.decoded("1.5")
    for sample in 0..<200 {
      let draws = SampleDraws(seed: 1, place: 0, epoch: 0, sample: sample)
      let (down, right) = (3 * draws.uniform(0) - 1.5, 3 * draws.uniform(1) - 1.5)
      var expected = [Double](repeating: 0, count: 30)
      for y in -2...2 {
        for x in -2...2 {
          let weight = max(0, 1 - abs(down - Double(y))) * max(0, 1 - abs(right - Double(x)))
          for (place, pixel) in Self.shifted(down: -y, right: -x).enumerated() {
            expected[place] += weight * Double(pixel)
          }
        }
      }
      let result = Self.apply(move, sample: sample)
      #expect(zip(result, expected).allSatisfy { abs(Double($0) - $1) <= 1e-5 }, "\(sample)")
    }
  }

  /// The affine map by its definition: each pixel of the result from the point that the map takes to it,
  /// with hat functions around all pixels as weights.
  @Test func anAffineMapMovesAboutTheCenter() throws {
    let affine = AffineAugmentation.decoded("{degrees: 40, scale: 0.3, shear: 0.4, pixels: 1.5}")
    for sample in 0..<200 {
      let draws = SampleDraws(seed: 1, place: 0, epoch: 0, sample: sample)
      let u = (0..<6).map { 2 * draws.uniform($0) - 1 }
      let angle = u[0] * 40 * Double.pi / 180
      let (wide, tall) = (1 + 0.3 * u[1], 1 + 0.3 * u[2])
      var expected = [Double](repeating: 0, count: 30)
      for place in 0..<30 {
        // Undo the translation, the rotation, the shear and the scaling, in turn.
        let x = Double(place % 5) - 2 - 1.5 * u[4]
        let y = Double(place / 5 % 3) - 1 - 1.5 * u[5]
        let turned = (x: cos(angle) * x + sin(angle) * y, y: cos(angle) * y - sin(angle) * x)
        let origin = (x: (turned.x - 0.4 * u[3] * turned.y) / wide + 2, y: turned.y / tall + 1)
        for pixel in 0..<15 {
          let weight =
            max(0, 1 - abs(origin.x - Double(pixel % 5)))
            * max(0, 1 - abs(origin.y - Double(pixel / 5)))
          expected[place] += weight * Double(Self.image[place / 15 * 15 + pixel])
        }
      }
      let result = Self.apply(affine, sample: sample)
      #expect(zip(result, expected).allSatisfy { abs(Double($0) - $1) <= 1e-4 }, "\(sample)")
    }
  }

  /// The distortion by its definition: hat functions around all knots, then around all pixels, as weights.
  @Test func anElasticDistortionFollowsItsKnots() throws {
    let elastic = ElasticAugmentation.decoded("{pixels: 1.5, knots: 4}")
    func hat(_ distance: Double) -> Double { max(0, 1 - abs(distance)) }
    for sample in 0..<200 {
      let draws = SampleDraws(seed: 1, place: 0, epoch: 0, sample: sample)
      var expected = [Double](repeating: 0, count: 30)
      for place in 0..<30 {
        let (row, column) = (Double(place / 5 % 3), Double(place % 5))
        var (y, x) = (row, column)
        for knot in 0..<16 {
          let weight =
            hat(row * 3 / 2 - Double(knot / 4)) * hat(column * 3 / 4 - Double(knot % 4))
          y += weight * 1.5 * (2 * draws.uniform(knot) - 1)
          x += weight * 1.5 * (2 * draws.uniform(16 + knot) - 1)
        }
        for pixel in 0..<15 {
          let weight = hat(y - Double(pixel / 5)) * hat(x - Double(pixel % 5))
          expected[place] += weight * Double(Self.image[place / 15 * 15 + pixel])
        }
      }
      let result = Self.apply(elastic, sample: sample)
      #expect(zip(result, expected).allSatisfy { abs(Double($0) - $1) <= 1e-4 }, "\(sample)")
    }
  }

  @Test func drawsAreIndependent() {
    let draws = (0..<250).flatMap { sample in
      (0..<SampleDraws.count).map {
        SampleDraws(seed: 1, place: 0, epoch: 3, sample: sample).uniform($0)
      }
    }
    #expect(Set(draws).count == draws.count)
    // The mean of n uniform numbers is 1/2 ± 5 deviations of 1/√(12n).
    #expect(abs(draws.reduce(0, +) / Double(draws.count) - 0.5) < 0.0081)
  }

  @Test func aFlipReversesEveryRowAsOftenAsItSays() {
    let flip = HorizontalFlipAugmentation.decoded("0.25")
    let flipped = stride(from: 0, to: 30, by: 5).flatMap { Self.image[$0..<$0 + 5].reversed() }
    let results = (0..<2000).map { Self.apply(flip, sample: $0) }
    #expect(results.allSatisfy { $0 == Self.image || $0 == flipped })
    // 500 ± 5 deviations of 19.4.
    #expect((403...597).contains(results.count { $0 == flipped }))
    let never = HorizontalFlipAugmentation.decoded("0")
    let always = HorizontalFlipAugmentation.decoded("1")
    for sample in 0..<100 {
      #expect(Self.apply(never, sample: sample) == Self.image)
      #expect(Self.apply(always, sample: sample) == flipped)
    }
  }

  @Test func seedPlaceEpochAndSampleAreAllThatMatters() {
    let crop = RandomCropAugmentation.decoded("2")
    func results(seed: UInt64 = 1, place: Int = 0, epoch: Int = 0) -> [[Float]] {
      (0..<50).reversed().map {
        Self.apply(crop, seed: seed, place: place, epoch: epoch, sample: $0)
      }.reversed()
    }
    let forwards = (0..<50).map { Self.apply(crop, sample: $0) }
    #expect(results() == forwards)
    for other in [results(seed: 2), results(place: 1), results(epoch: 1)] {
      #expect(other != forwards)
    }
  }

  @Test(arguments: [[4], [3, 5], [1, 2, 5], [1, 5, 2]])
  func otherShapesAreRefused(shape: [Int]) {
    let crop = RandomCropAugmentation.decoded("2")
    #expect(throws: ShapeFault.self) { try crop.check(shape) }
    #expect(throws: ShapeFault.self) {
      try TranslateAugmentation.decoded("2.5").check(shape)
    }
    if shape.count < 3 {
      let flip = HorizontalFlipAugmentation.decoded("1")
      #expect(throws: ShapeFault.self) { try flip.check(shape) }
      #expect(throws: ShapeFault.self) { try ElasticAugmentation.decoded("").check(shape) }
    }
  }
}
