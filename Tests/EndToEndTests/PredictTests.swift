import FileFixtures
import Foundation
import Testing

@testable import FileFormats
@testable import Files

/// `lmtc predict` gives inputs the radii that the certificate gives test points.
@Suite struct PredictTests {
  /// A prediction as JSON gives it.
  private struct Line: Decodable {
    let index: Int
    let `class`: Int?
    let runner_up: Int?
    let margin: Double?
    let radius: Double
  }

  /// A certified run whose test samples lie beside it as a table.
  private func run(_ spec: String, labeled: Bool = false) throws -> (CertifiedRun, [String]) {
    let run = try CertifiedRun(spec)
    let bytes = try run.place.bytes("run/test.safetensors")
    let tensors = try Safetensors.decode(bytes, path: "test").tensors
    let (inputs, labels) = (try #require(tensors["inputs"]), try #require(tensors["labels"]))
    let size = inputs.elements.count / labels.elements.count
    let rows = labels.elements.indices.map { index in
      let values = inputs.elements[index * size..<(index + 1) * size].map { "\($0)" }
      return (values + (labeled ? ["\(Int(labels.elements[index]))"] : [])).joined(separator: ",")
    }
    try run.place.write(rows.joined(separator: "\n") + "\n", to: "new.csv")
    return (run, rows)
  }

  private func predictions(_ output: String) throws -> [Line] {
    try output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  @Test(arguments: [false, true], [false, true])
  func radiiAreThoseOfTheCertificate(isDouble: Bool, isLabeled: Bool) throws {
    let spec = isDouble ? PrecisionTests.float64(Workplace.tiny) : Workplace.tiny
    let (run, rows) = try run(spec, labeled: isLabeled)
    let outcome = try run.place.lmtc("predict", "run", "--input", "new.csv", "--json")
    #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
    let found = try predictions(outcome.output)
    #expect(found.map(\.index) == Array(rows.indices))
    let table = try run.place.text("run/certificate.tsv").split(separator: "\n").dropFirst()
    for (line, row) in zip(found, table) {
      let columns = row.split(separator: "\t").compactMap { Double($0) }
      #expect(line.class == Int(columns[2]) && line.runner_up != line.class)
      #expect(line.margin ?? -1 > 0)
      if columns[4] == 1 {
        #expect(abs(line.radius - columns[3]) <= 1e-5 * columns[3])
      } else {
        // The label was wrong, but around the predicted class there is a radius too.
        #expect(line.radius > 0)
      }
    }
  }

  @Test func theTableSaysTheSame() throws {
    let (run, rows) = try run(Workplace.tiny)
    let outcome = try run.place.lmtc("predict", "run", "--input", "new.csv")
    #expect(outcome.code == 0)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines[0] == "tiny: \(rows.count) inputs, executed in float32")
    #expect(lines.count == rows.count + 3)
  }

  /// Images and arrays of the same values have the same radii, whichever file they come from.
  @Test func imagesAndArraysAreRead() throws {
    let run = try CertifiedRun(
      Workplace.tiny.replacing("input: [4]\n", with: "input: [1, 2, 3]\n")
        .replacing("layers:\n", with: "layers:\n    - flatten\n"))
    let place = run.place
    let folder = place.folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var values: [Float] = []
    for index in 0..<3 {
      var png = PNGFixture()
      (png.width, png.height) = (3, 2)
      png.sample = { x, y, _ in (x + 2 * y * index) % 4 }
      values += (0..<6).map { Float(png.sample($0 % 3, $0 / 3, 0)) }
      try Data(png.file()).write(to: folder.appendingPathComponent("\(index).png"))
    }
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 3), }"
    try Data(zip([("x.npy", npy(header, floatBytes(values)))])).write(
      to: place.folder.appendingPathComponent("new.npz"))
    let images = try place.lmtc("predict", "run", "--input", "images", "--json")
    let arrays = try place.lmtc("predict", "run", "--input", "new.npz", "--json")
    let single = try place.lmtc("predict", "run", "--input", "images/1.png", "--json")
    let found = try predictions(images.output)
    let others = try predictions(arrays.output)
    let alone = try predictions(single.output)
    #expect(found.count == 3 && found.map(\.radius) == others.map(\.radius))
    #expect(alone.count == 1 && abs((alone[0].margin ?? 0) - (found[1].margin ?? 9)) < 1e-4)
    #expect(images.output.contains("\"file\": \"images/1.png\""))
  }

  @Test func faultsAreReported() throws {
    let (run, rows) = try run(Workplace.tiny)
    func predict(_ input: String) throws -> LMTCProcess.Outcome {
      try run.place.lmtc("predict", "run", "--input", input)
    }
    #expect(try predict("absent.csv").code == 66)
    try run.place.write(rows[0] + ",1,2\n", to: "wide.csv")
    let wide = try predict("wide.csv")
    #expect(wide.code == 65 && wide.errors.contains("a row must have 4 columns"))
    try run.place.write("\u{1}\u{2}\u{3}", to: "other.bin")
    let other = try predict("other.bin")
    #expect(other.code == 65 && other.errors.contains("inputs must be a csv table"))
    #expect(try run.place.lmtc("predict", "absent", "--input", "new.csv").code == 66)
    #expect(try run.place.lmtc("predict", "run").code == 64)
  }

  /// Neither weights nor a precision that the certificate does not name are used.
  @Test func changedFilesAreRefused() throws {
    let (run, _) = try run(Workplace.tiny)
    let text = try run.text
    try run.write(text.replacing("\"name\"", with: "\"precision\": \"float64\", \"name\""))
    #expect(try run.place.lmtc("predict", "run", "--input", "new.csv").code == 3)
    try run.write(text)
    try run.damage("model.safetensors") { $0 - 1 }
    #expect(try run.place.lmtc("predict", "run", "--input", "new.csv").code == 3)
  }
}
