import BoundAlgebra

/// A number of a layer's definition as every engine uses it: the float32 nearest to what the spec says.
///
/// Rounding once, here, makes the stored network's function exact data: the bound speaks of the same
/// number that the back ends multiply by, in float32 or Double alike.
struct StoredConstant: Hashable, Sendable {
  /// The float32 value.
  let value: Double

  /// The float32 nearest to `number`.
  init(_ number: Double) { value = Double(Float(number)) }

  /// Whether float32 holds the number without overflow or loss of digits near zero.
  static func fits(_ number: Double) -> Bool {
    let stored = Float(number)
    return number == 0 || stored.isNormal
  }

  /// |value|, exactly.
  var magnitude: BoundConstant { .magnitude(value.magnitude) }
}
