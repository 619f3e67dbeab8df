import ModelIR
import TensorGraph

/// The fast gradient method in ℓ2: one step of the whole radius along the gradient of cross-entropy.
///
/// x′ = x + r·g/‖g‖ with g = ∇ₓ cross-entropy(F(x), t). For a linear network and two classes no
/// perturbation of length r lowers the margin more.
///
/// Cost: one gradient for each radius.
///
/// - Reference: Goodfellow, Shlens, Szegedy 2015, with the ℓ2 norm in place of ℓ∞.
struct FGSMAttack: Attack {
  static let kind = "fgsm"

  init(from reader: inout ConfigReader) {}

  var search: AttackSearch { .ball }
  var rounds: Int { 1 }
  var steps: Int { 1 }

  /// x + r·g/‖g‖.
  func move(_ context: AttackContext) -> AttackMove {
    let direction = context.ascentDirection(of: .crossEntropy)
    return AttackMove(to: context.point + direction.scaledSamples(by: context.radii))
  }
}
