import BoundAlgebra
import ModelIR

/// A number of a layer's definition as every engine uses it: the float32 nearest to what the spec says.
///
/// Rounding once, here, makes the stored network's function exact data: the bound speaks of the same
/// number that the engines multiply by, in float32 or Double alike.
struct StoredConstant: Hashable, Sendable {
  let value: Double

  init(_ number: Double) { value = Double(Float(number)) }

  /// Whether float32 holds the number without overflow or loss of digits near zero.
  static func fits(_ number: Double) -> Bool {
    let stored = Float(number)
    return number == 0 || stored.isNormal
  }

  /// |value|, exactly.
  var magnitude: BoundConstant { .magnitude(value.magnitude) }
}

extension SpecKey<Double>.Requirement {
  static let float32 = Self("a float32 number") { StoredConstant.fits($0) }
  static let positiveFloat32 = Self("a positive float32 number") {
    $0 > 0 && StoredConstant.fits($0)
  }
}
