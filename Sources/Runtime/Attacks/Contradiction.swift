import Diagnostics
import Execution
import FileFormats

/// A point that disproves what was claimed of a sample: a class by the engine's own prediction or by exact
/// arithmetic, a slope by exact arithmetic.
public struct Contradiction: Sendable {
  /// What is disproved.
  public enum Claim: String, Sendable {
    /// That no point nearer than the certified radius has another class.
    case radius
    /// That no difference of logits changes faster than its bound.
    case slope
  }

  /// What is disproved.
  public let claim: Claim
  /// What found the point: an attack's name, or a phase of the audit.
  public let source: String
  /// The sample's position in the test set.
  public let index: Int
  /// Its label.
  public let label: Int
  /// For a radius the sample, for a slope a point.
  public let original: [Float]
  /// For a radius a point of another class, for a slope a second point.
  public let point: [Float]
  /// The certified radius, or the bound of the slope.
  public let claimed: Double
  /// An upper bound on the point's distance, or a lower bound on the slope.
  public let found: Double

  /// As an error.
  var diagnostic: Diagnostic {
    let text =
      switch claim {
      case .radius:
        "has another class at distance \(NumberText.significant(found, .up)), inside its radius "
          + NumberText.significant(claimed, .down)
      case .slope:
        "has a logit difference that changes at rate \(NumberText.significant(found, .down)), above "
          + "its bound \(NumberText.significant(claimed, .up))"
      }
    return Diagnostic(
      .init(.certificate, "contradicted"), "test point \(index) \(text) (\(source))", at: .none,
      help: "this is a fault of lmtc or of the files: please report it with the witness")
  }
}

extension [Contradiction] {
  /// No more are kept as witnesses.
  static let maximumWitnesses = 100

  /// An npz archive of the first contradictions, a row each: `index`, `label`, `original`, `point`,
  /// `claimed`, `found`, and `is_slope`, 1 where the claim is a slope and 0 where it is a radius.
  func witnesses(shape: [Int]) -> [UInt8] {
    let rows = prefix(Self.maximumWitnesses)
    func numbers(_ name: String, _ value: (Contradiction) -> Double) -> NPZWriter.Entry {
      .init(name, shape: [rows.count], elements: rows.map(value))
    }
    func points(_ name: String, _ value: (Contradiction) -> [Float]) -> NPZWriter.Entry {
      .init(name, shape: [rows.count] + shape, elements: rows.flatMap(value))
    }
    return NPZWriter.bytes([
      numbers("index") { Double($0.index) }, numbers("label") { Double($0.label) },
      points("original") { $0.original }, points("point") { $0.point },
      numbers("claimed") { $0.claimed }, numbers("found") { $0.found },
      numbers("is_slope") { $0.claim == .slope ? 1 : 0 },
    ])
  }
}
