@testable import Verifier

/// x/(1 + a·|x|).
struct Softsign: ActivationLayer {
  static let kind = "softsign"
  static let keys = [LayerKey("sharpness", .float32(0.125...64))]

  let shape: [Int]
  let slopes = 0.0...1.0
  private let sharpness: Double

  init(_ layer: LayerDescription) throws(Refusal) {
    (shape, sharpness) = (layer.input, try layer.float32("sharpness"))
  }

  func value(_ x: Rounded) -> Rounded { x / x.absolute.scaled(sharpness).plus(1) }
}
