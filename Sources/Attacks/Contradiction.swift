import Diagnostics

/// Points that disprove a claim of a certificate: for classes by the engine's own prediction or by exact
/// arithmetic, for constants by exact arithmetic.
public struct Contradiction: Sendable {
  /// A disproved claim.
  public enum Claim: Sendable, Hashable {
    /// That a test point has this label.
    case label(index: Int)
    /// The class that the network predicts of a test point.
    case prediction(index: Int)
    /// That no point nearer than the certified radius has another class than the label.
    case radius(index: Int)
    /// That the difference of two logits changes no faster than its constant.
    case pair(Int, Int)
    /// The constant of a layer alone.
    case constant(layer: String)
    /// The constant of the map from the network's input to a layer's output.
    case bound(layer: String)
  }

  /// What is disproved.
  public let claim: Claim
  /// What found the points: an attack's name, or a phase of the audit.
  public let source: String
  /// The shape of the two points.
  public let shape: [Int]
  /// For a constant a point, otherwise the test point.
  public let original: [Float]
  /// For a constant a second point, for a radius a point of another class, otherwise the test point.
  public let point: [Float]
  /// The certified label, class, radius or constant.
  public let claimed: Double
  /// The other label or class, an upper bound on the point's distance, or a lower bound on the rate.
  public let found: Double

  /// The error that reports it.
  public var diagnostic: Diagnostic {
    Diagnostic(
      .init(.certificate, "contradicted"), "\(text) (\(source))", at: .none,
      help:
        "if the files are unchanged, this is a bug in lmtc: please report it with 'witnesses.npz'")
  }

  private var text: String {
    let rate =
      "rate \(NumberText.significant(found, .down)), above the certified bound "
      + NumberText.significant(claimed, .up)
    return switch claim {
    case .label(let index):
      "test point \(index) has the label \(Int(found)), the certificate says \(Int(claimed))"
    case .prediction(let index):
      "the network predicts class \(Int(found)) for test point \(index), the certificate says \(Int(claimed))"
    case .radius(let index):
      "the class of test point \(index) changes at distance \(NumberText.significant(found, .up)), "
        + "within its certified radius \(NumberText.significant(claimed, .down))"
    case .pair(let i, let j): "the difference of logits \(i) and \(j) changes at \(rate)"
    case .constant(let layer): "the output of layer '\(layer)' changes at \(rate)"
    case .bound(let layer): "the map from the input to '\(layer)' changes at \(rate)"
    }
  }
}

extension Contradiction.Claim {
  /// Whether it is a Lipschitz constant; otherwise it is about a test point.
  var isConstant: Bool {
    switch self {
    case .label, .prediction, .radius: false
    case .pair, .constant, .bound: true
    }
  }

  /// The name in tables and archives, unique within a certificate.
  public var name: String {
    switch self {
    case .label(let index): "label \(index)"
    case .prediction(let index): "prediction \(index)"
    case .radius(let index): "radius \(index)"
    case .pair(let i, let j): "pair \(max(i, j)) \(min(i, j))"
    case .constant(let layer): "constant \(layer)"
    case .bound(let layer): "bound \(layer)"
    }
  }

  /// The position of the test point; nil for constants.
  var index: Int? {
    switch self {
    case .label(let index), .prediction(let index), .radius(let index): index
    case .pair, .constant, .bound: nil
    }
  }
}
