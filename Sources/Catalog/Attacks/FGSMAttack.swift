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
public struct FGSMAttack: Attack {
  /// The name in a spec.
  public static let kind = "fgsm"
  /// It has none.
  public static let keys: [SpecKeyDescription] = []
  /// It has none.
  public static let mainKey: String? = nil
  /// Cases for the generic tests.
  public static let examples = [""]

  /// Reads no keys.
  public init?(from reader: inout ConfigReader) {}

  /// Inside a ball.
  public var search: AttackSearch { .ball }
  /// One.
  public var rounds: Int { 1 }
  /// One.
  public var steps: Int { 1 }
  /// None.
  public var slots: [AttackSlot] { [] }

  /// The step.
  public func move(_ context: inout AttackContext) -> AttackMove {
    let direction = context.ascentDirection(of: .crossEntropy)
    let shift = context.builder.scaleSamples(direction, by: context.radii)
    return AttackMove(to: context.builder.add(context.point, shift))
  }
}
