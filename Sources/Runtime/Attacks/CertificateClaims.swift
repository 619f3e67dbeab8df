import Diagnostics
import Enclosure
import Execution
import FileFormats

/// What a run folder claims: a radius for each test point, and Lipschitz constants.
struct CertificateClaims {
  /// The claimed radii in the order of the test data.
  let radii: [Double]
  /// The claimed constant of the network.
  let lipschitz: Double
  /// The claimed constant of every difference of logits.
  let pairwise: Double

  /// Reads `certificate.tsv` and `result.json`; throws `data.certificate` where they do not fit the test data.
  init(_ folder: RunFolder, samples: SampleSet) throws(Failure) {
    let table = FileFault(.data, path: folder.path(of: .certificateTable))
    let lines = String(decoding: try folder.read(.certificateTable), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: true).dropFirst()
    guard lines.count == samples.count else {
      throw table(
        "certificate",
        "the table must have a line for each of \(samples.count) test points, found \(lines.count)",
        at: nil, help: "audit a folder whose test data are unchanged")
    }
    var radii: [Double] = []
    for (index, line) in lines.enumerated() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 5, Int(fields[0]) == index, Int(fields[1]) == samples.labels[index],
        let radius = Double(fields[3]), radius >= 0, radius.isFinite
      else {
        throw table(
          "certificate",
          "line \(index + 2) must state test point \(index), its label \(samples.labels[index]) and a radius",
          at: nil, help: "audit a folder as 'run' wrote it")
      }
      radii.append(radius)
    }
    self.radii = radii
    let result = FileFault(.data, path: folder.path(of: .result))
    lipschitz = try Self.constant("lipschitz", folder, result)
    pairwise = try Self.constant("pairwise", folder, result)
  }

  private static func constant(
    _ key: String, _ folder: RunFolder, _ fault: FileFault
  ) throws(Failure) -> Double {
    let bytes = try folder.read(.result)
    let document: LocatedJSON
    do { document = try JSONParser.parse(bytes[...]) } catch {
      throw fault("certificate", error.message, at: error.offset)
    }
    guard case .number(let text) = document[key]?["upper"]?.content, let number = Double(text)
    else { throw fault("certificate", "the result lacks the number '\(key).upper'", at: nil) }
    return number
  }
}
