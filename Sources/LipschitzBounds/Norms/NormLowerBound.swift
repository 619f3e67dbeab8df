import Enclosure

/// Lower bounds on ‖A‖ from a vector v with a large ‖A v‖/‖v‖, as a check on every upper bound.
enum NormLowerBound {
  /// The most operations for a block without a known direction.
  private static let largestEffort = 5e8
  private static let mostSteps = 40

  /// ‖A v‖/‖v‖ rounded down, for the method's direction or for one from some Lanczos steps; 0 if `effort`
  /// operations do not suffice for two such steps.
  static func of(
    _ block: any LinearBlock, after bound: BlockBound, effort: Double
  ) -> LowerBound {
    if let (vector, isOutputSide) = bound.direction {
      return block.quotient(at: vector, isOutputSide: isOutputSide)
    }
    if bound.lower > .zero { return bound.lower }
    let isOutputSide = block.rows <= block.columns
    let steps = steps(block, min(effort, largestEffort))
    if steps < 2 { return .zero }
    let top = LanczosEstimate(
      order: min(block.rows, block.columns), steps: steps,
      times: block.action.gram(isOutputSide: isOutputSide))
    return block.quotient(at: top.vector, isOutputSide: isOutputSide)
  }

  private static func steps(_ block: any LinearBlock, _ effort: Double) -> Int {
    let product = 2 * block.applicationCost
    return min(mostSteps, Int(effort / max(product, 1)))
  }
}
