/// `certificate.tsv`, which repeats the points of a certificate.
enum PointTable {
  /// The file's name.
  static let name = "certificate.tsv"

  /// Refuses a table that does not have exactly these points.
  static func check(_ bytes: [UInt8], _ claims: PointClaims, file: String) throws(Refusal) {
    let header = "index\tlabel\tpredicted\tradius\tcorrect"
    var lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    func refusal(_ line: Int, _ message: String) -> Refusal {
      Refusal(.refuted, message, at: .init(file: file, line: line + 1, column: 1))
    }
    guard lines.removeLast().isEmpty, lines.count == claims.points.count + 1 else {
      throw refusal(
        0,
        "the certificate has \(claims.points.count) points, found \(max(0, lines.count - 1)) lines")
    }
    guard lines[0] == header else { throw refusal(0, "the header must be '\(header)'") }
    for (index, point) in claims.points.enumerated() {
      let cells = lines[index + 1].split(separator: "\t", omittingEmptySubsequences: false)
      let expected = [
        ("index", claims.first + index), ("label", point.label), ("predicted", point.predicted),
        ("correct", point.isCorrect ? 1 : 0),
      ]
      guard cells.count == 5 else { throw refusal(index + 1, "expected 5 columns") }
      for ((key, value), cell) in zip(expected, [cells[0], cells[1], cells[2], cells[4]]) {
        guard Int(cell) == value else {
          throw refusal(index + 1, "\(key): the certificate has \(value), found '\(cell)'")
        }
      }
      guard Double(cells[3]) == point.radius else {
        throw refusal(index + 1, "radius: the certificate has \(point.radius), found '\(cells[3])'")
      }
    }
  }
}
