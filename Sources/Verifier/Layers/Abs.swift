/// |x|.
struct Abs: FixedActivationLayer {
  static let kind = "abs"

  let shape: [Int]
  let slopes = -1.0...1.0

  func value(_ x: Rounded) -> Rounded { x.absolute }
}
