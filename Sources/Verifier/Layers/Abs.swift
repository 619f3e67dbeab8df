/// |x| in the first channels, x in the others.
struct Abs: ElementwiseLayer {
  static let kind = "abs"
  static let keys = [LayerKey("share", .number(0...1))]

  let shape: [Int]
  let slopes = -1.0...1.0
  /// The elements of the channels that lose their sign.
  private let folded: Int

  init(_ layer: LayerDescription) throws(Refusal) {
    shape = layer.input
    let share = try layer.keys.optional("share")?.number ?? 1
    // What exceeds an integer by no more than the rounding of the share and the product is that integer.
    folded = Int((share * Double(shape[0]) * (1 - 0x1p-51)).rounded(.up)) * layer.area
  }

  func value(_ x: Rounded, at index: Int) -> Rounded { index < folded ? x.absolute : x }
}
