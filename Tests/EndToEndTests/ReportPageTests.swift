import Diagnostics
import Foundation
import Testing

@testable import Files
@testable import Reporting

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The page of a run: it needs nothing but itself, and nothing untrusted becomes markup.
@Suite struct ReportPageTests {
  /// The path of a spec that would be markup.
  private static let path = "<img src=x onerror=\"alert(1)\">&.yaml"
  /// A spec whose samples are images.
  private static let images = """
    lmt: 1
    name: pictures
    data: {format: synthetic, distribution: digits, samples: 200, test_samples: 60}
    network: {input: [1, 16, 16], layers: [flatten, {dense: {units: 10, name: head}}]}
    train: {loss: {lmt: {c: 0.2}}, epochs: 2, batch: 20}
    certify: {radii: [0.1, 1], attacks: [deepfool]}
    require: [certified_accuracy(0.1) >= 0.01, lipschitz(head) > 0, minimum_class_accuracy(1) < 1]

    """

  private static func run() throws -> Workplace {
    let place = try Workplace(images)
    try place.write(images, to: path)
    let outcome = try place.lmtc("run", path, "--out", "run", "--quiet")
    #expect(outcome.code == 0, "\(outcome.errors)")
    return place
  }

  /// How often each element occurs, where the text is well-formed XML.
  private static func elements(_ text: String) throws -> [String: Int] {
    final class Counter: NSObject, XMLParserDelegate {
      var counts: [String: Int] = [:]
      func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
      ) { counts[name, default: 0] += 1 }
    }
    let body = text.replacing("<!DOCTYPE html>", with: "")
    let (parser, counter) = (XMLParser(data: Data(body.utf8)), Counter())
    parser.delegate = counter
    #expect(parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
    return counter.counts
  }

  @Test func aRunWritesAPageThatNeedsNothingElse() throws {
    let place = try Self.run()
    let page = try place.text("run/report.html")
    let elements = try Self.elements(page)
    #expect(elements["script"] == nil && elements["link"] == nil)
    #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("@import"))
    for title in [
      "Accuracy against radius", "Requirements", "Layers", "Training", "Certified radii",
      "Test points", "Predictions of each class", "Provenance",
    ] { #expect(page.contains("<h2>\(title)</h2>"), "\(title)") }
    // Each sample with its adversarial example and the difference.
    let pictures = try #require(elements["img"])
    #expect(pictures > 0 && pictures.isMultiple(of: 3))
    #expect(page.contains("<span class=\"holds\">holds</span>"))
  }

  @Test func namesFromTheSpecStayText() throws {
    let place = try Self.run()
    let page = try place.text("run/report.html")
    #expect(!page.contains("<img src=x"))
    #expect(page.contains("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;.yaml"))
  }

  @Test func theCommandWritesThePageAgainAndItsPlots() throws {
    let place = try Self.run()
    let page = try place.bytes("run/report.html")
    let outcome = try place.lmtc("report", "run", "--plots", "plots", "--json")
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    #expect(try place.bytes("run/report.html") == page)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let files = try #require(document["files"] as? [String])
    #expect(files.count == 13 && files.allSatisfy(place.contains))
    for file in files where file.hasSuffix(".svg") {
      #expect(try Self.elements(try place.text(file))["svg"] == 1)
    }
    let rows = try place.text("plots/accuracy.csv").split(separator: "\n")
    #expect(rows[0] == "series,ℓ2 radius,share of test points")
    #expect(rows.dropFirst().allSatisfy { $0.split(separator: ",").count >= 3 })
  }

  @Test func severalRunsShareAPage() throws {
    let place = try Self.run()
    #expect(
      try place.lmtc("run", "spec.yaml", "--seed", "2", "--out", "other", "--quiet").code == 0)
    let missing = try place.lmtc("report", "run", "other")
    #expect(missing.code == 64 && missing.errors.contains("error[usage.missing-option]"))
    let outcome = try place.lmtc("report", "run", "other", "--out", "both.html")
    #expect(outcome.code == 0 && outcome.output == "wrote 'both.html'\n")
    let page = try place.text("both.html")
    _ = try Self.elements(page)
    #expect(page.contains("<h2>Comparison</h2>") && page.contains("(other)"))
    // Runs that differ by their seed alone are one row.
    #expect(page.contains(" ± "))
  }

  @Test func aFolderThatIsNotOfARunIsRefused() throws {
    let place = try Self.run()
    #expect(try place.lmtc("report", "nowhere").code == 66)
    try place.write("{}", to: "run/result.json")
    let outcome = try place.lmtc("report", "run")
    #expect(outcome.code == 65 && outcome.errors.contains("error[data.run]"))
  }

  /// 10,000 points give a page of less than 200 kB: its size hardly grows with the points.
  @Test func manyPointsGiveASmallPage() throws {
    let place = try Self.run()
    let rows = (0..<10_000).map { "\($0)\t\($0 % 10)\t\($0 % 9)\t\(Double($0 % 997) / 1000)\t1" }
    try place.write(
      "index\tlabel\tpredicted\tradius\tcorrect\n" + rows.joined(separator: "\n") + "\n",
      to: "run/certificate.tsv")
    let run = try RunRecord(place.folder.appendingPathComponent("run").path, isForPage: true)
    #expect(run.points.count == 10_000)
    #expect(try ReportPage([run]).html.utf8.count < 200_000)
  }

  @Test func textOfATreeIsEscaped() {
    let tree = Markup.node("p", ["title": "\"<&>\u{7}"], "a < b & \"c\"\u{0}")
    #expect(
      tree.html
        == "<p title=\"&quot;&lt;&amp;&gt;\u{FFFD}\">a &lt; b &amp; &quot;c&quot;\u{FFFD}</p>\n")
  }

  @Test func cellsOfTablesAreNotFormulas() {
    #expect(Plot.cell("=1+1") == "'=1+1")
    #expect(Plot.cell("-1.5") == "-1.5")
    #expect(Plot.cell("a,\"b\"") == "\"a,\"\"b\"\"\"")
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
  func bytesAsTextAreThoseOfTheStandard(_ plain: String, _ text: String) {
    #expect(Base64.text(Array(plain.utf8)) == text)
  }

  @Test(arguments: [(0.0, 1.0), (0, 0), (-3, 0), (0, 1e300), (5, 5.0001), (1e-200, 2e-200)])
  func marksEncloseTheNumbers(_ low: Double, _ high: Double) {
    let marks = AxisMarks(covering: low, high)
    #expect(marks.low <= low && marks.high >= high && marks.low < marks.high)
    #expect((1...30).contains(marks.values.count))
    let inside = AxisMarks(from: low, to: high)
    #expect(inside.low == low && inside.high >= high && inside.values.count < 30)
    #expect(inside.values.allSatisfy { inside.low <= $0 && $0 <= inside.high })
  }

  @Test func whatIsCountedHasWholeMarks() {
    #expect(AxisMarks(from: 1, to: 3, isWhole: true).values == [1, 2, 3])
    #expect(AxisMarks(from: 0, to: 40, isWhole: true).values == [0, 10, 20, 30, 40])
  }
}
