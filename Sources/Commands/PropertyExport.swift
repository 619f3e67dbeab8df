import Attacks
import Certification
import Compiler
import Diagnostics
import FileFormats
import Files
import ModelIR
import Reporting
import SpecSyntax

/// The certified points of a run folder as files of VNN-LIB properties.
struct PropertyExport {
  /// Which points, and what radius of theirs.
  struct Choice: Sendable {
    /// Indices of test points; all if empty.
    var points: [Int] = []
    /// The radius, an exact number, of all points that are certified at it; nil for each point's own.
    var radius: String?
  }

  /// What was written.
  struct Summary {
    let folder: String
    let count: Int
    /// The points without a property.
    let others: Int
  }

  private let choice: Choice
  private let radius: ExactNumber?

  /// Throws `usage.export` if the radius is no positive number.
  init(_ choice: Choice) throws(Failure) {
    self.choice = choice
    radius = choice.radius.flatMap { try? ExactNumber($0) }
    guard choice.radius == nil || (radius?.lower ?? 0) > 0 else {
      throw Self.fault("'--radius' must be a number above 0, found \((choice.radius ?? "").quoted)")
    }
  }

  /// Writes `<name>-<index>.vnnlib` for each chosen point that is certified; throws ``Failure``.
  ///
  /// A point that is named and not certified is a fault.
  func write(
    _ run: RunFolder, _ compilation: Compilation, to folder: String, overwrites: Bool
  ) throws(Failure) -> Summary {
    let (model, name) = (compilation.model, compilation.spec.name)
    let claims = try CertificateClaims(run, model: model, classes: compilation.classes)
    let samples = try SampleSet(
      certifiedIn: run, shape: model.inputShape, classes: compilation.classes,
      count: claims.points.count)
    let chosen = try chosen(of: claims.points.count)
    var properties: [(path: String, text: String)] = []
    for index in chosen {
      let point = claims.points[index]
      guard let radius = certified(point),
        let box = InscribedBox(around: try samples[index], radius: radius)
      else { continue }
      let text = VNNLIBProperty.text(
        low: box.low, high: box.high, label: point.label, classes: compilation.classes,
        remarks: remarks(name, index, point, radius))
      properties.append((FolderListing.join(folder, "\(name)-\(index).vnnlib"), text))
    }
    guard !properties.isEmpty, choice.points.isEmpty || properties.count == chosen.count else {
      throw Self.fault(
        choice.points.isEmpty
          ? "no point is certified\(atRadius)"
          : "not all of the points \(chosen.map(String.init).joined(separator: ", ")) are certified\(atRadius)"
      )
    }
    if !overwrites { try FileReading.refuseExisting(properties.map(\.path)) }
    _ = try RunFolder(creating: folder)
    for property in properties { try AtomicFile.write(property.text, to: property.path) }
    return Summary(
      folder: folder, count: properties.count, others: chosen.count - properties.count)
  }

  private func chosen(of count: Int) throws(Failure) -> [Int] {
    if choice.points.isEmpty { return Array(0..<count) }
    if let outside = choice.points.first(where: { !(0..<count).contains($0) }) {
      throw Self.fault("there are \(count) test points, from 0; found '--point \(outside)'")
    }
    return Set(choice.points).sorted()
  }

  /// The radius to state for a point; nil where it is not certified.
  private func certified(_ point: CertificateClaims.Point) -> Double? {
    guard point.radius > 0, point.predicted == point.label else { return nil }
    guard let radius else { return point.radius }
    return point.radius > radius.upper ? radius.lower : nil
  }

  private var atRadius: String { radius.map { " at radius \($0.text)" } ?? "" }

  private func remarks(
    _ name: String, _ index: Int, _ point: CertificateClaims.Point, _ radius: Double
  ) -> [String] {
    [
      "\(name), test point \(index), written by lmtc \(Product.version).",
      "The class is \(point.label) for every input whose distance from the point is below \(self.radius?.text ?? "\(radius)"),",
      "by the certificate. The box is the largest one in this ball around the point, with limits",
      "rounded inward. A solver must find no solution.",
    ]
  }

  private static func fault(_ message: String) -> Failure {
    Failure(Diagnostic(.init(.usage, "export"), message, at: .none))
  }
}
