import ModelIR
import TensorGraph

/// Random directions: each move tries a new point at the whole radius from the sample.
///
/// - Cost: one evaluation of the network for each move.
struct RandomDirectionAttack: Attack {
  static let kind = "random_direction"
  static let mainKey: String? = "steps"
  static let examples = ["", "16"]

  let steps: Int

  init(from reader: inout ConfigReader) {
    steps = reader.read("steps", default: 8, "the number of directions", .count)
  }

  var search: AttackSearch { .ball }
  var rounds: Int { 1 }

  func move(_ context: AttackContext) -> AttackMove {
    let direction = (context.noise - 0.5).sampleDirections()
    return AttackMove(to: context.original + direction.scaledSamples(by: context.radii))
  }
}
