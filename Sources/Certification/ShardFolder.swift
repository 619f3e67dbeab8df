import Diagnostics
import Enclosure
import FileFormats
import Files

/// The folder of one shard's certificate, as `certify --shard` writes it.
public struct ShardFolder {
  /// The certificate's path.
  public let path: String
  /// The folder.
  public let folder: RunFolder
  /// The certificate without its points.
  public let head: JSONValue
  /// The indices of its points in the test data.
  public let range: Range<Int>
  /// The number of test samples.
  public let total: Int
  /// The points in order.
  public let points: [PointCertificate]

  /// Reads a certificate and compares the digests of the files beside it; throws `file.…` or `data.shard`.
  public init(certificate path: String) throws(Failure) {
    self.path = path
    folder = try RunFolder(existing: FolderListing.split(path).folder)
    let text = try ShardText(path)
    head = text.head
    guard let shard = head["shard"] else {
      throw Self.fault("the certificate is not of a shard", path)
    }
    guard let number = shard["number"]?.integer, let count = shard["of"]?.integer,
      let part = Shard(number, of: count), let total = head["data"]?["samples"]?.integer, total > 0,
      shard == part.json(of: part.range(of: total))
    else { throw Self.fault("the certificate states no part of its test data", path) }
    (range, self.total) = (part.range(of: total), total)
    points = try text.points()
    guard points.map(\.index) == Array(range) else {
      throw Self.fault("the points are not those of shard \(part.text)", path)
    }
    try requireFiles()
  }

  /// A fault of a shard's certificate.
  public static func fault(_ message: String, _ path: String) -> Failure {
    Failure(
      Diagnostic(
        .init(.data, "shard"), message, at: .file(path: path, offset: nil),
        help: "merge the unchanged folders of 'certify --shard 1/N' to 'certify --shard N/N'"))
  }

  private func requireFiles() throws(Failure) {
    let files: [(key: String, file: RunFolder.File)] = [
      ("spec", .resolvedSpec), ("weights", .model), ("test", .test),
    ]
    for (key, file) in files {
      let found = try folder.digest(of: file)
      guard head[key] == ["file": .string(file.rawValue), "sha256": .string(found)] else {
        throw Self.fault("'\(file.rawValue)' is not the file that the certificate names", path)
      }
    }
  }
}

/// A certificate's text, whose points are on lines of their own.
private struct ShardText {
  let head: JSONValue
  private let path: String
  private let lines: ArraySlice<UInt8>

  init(_ path: String) throws(Failure) {
    self.path = path
    let bytes = try FileReading.bytes(of: path)
    let mark = Array(",\n  \"points\": [\n".utf8)
    let ending = Array(CertificateText.ending.utf8)
    guard let start = bytes.firstRange(of: mark), bytes.reversed().starts(with: ending.reversed()),
      start.upperBound <= bytes.count - ending.count
    else { throw ShardFolder.fault("the certificate is not one that lmtc wrote", path) }
    do {
      head = try JSONParser.parse((bytes[..<start.lowerBound] + Array("\n}\n".utf8))[...]).value
    } catch {
      throw FileFault(.data, path: path)("certificate", error.message, at: error.offset)
    }
    lines = bytes[start.upperBound..<bytes.count - ending.count]
  }

  /// The points; throws unless every line is as it is written.
  func points() throws(Failure) -> [PointCertificate] {
    var points: [PointCertificate] = []
    for line in lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let isLast = line.endIndex == lines.endIndex
      let entry = isLast ? line : line.dropLast()
      guard let json = try? JSONParser.parse(entry).value, let point = PointCertificate(json),
        CertificateText.indentation + point.json.text + (isLast ? "" : ",")
          == String(decoding: line, as: UTF8.self)
      else {
        throw ShardFolder.fault("point \(points.count) is not as lmtc writes it", path)
      }
      points.append(point)
    }
    return points
  }
}

extension PointCertificate {
  /// Reads the entry of a certificate; nil where it is anything else.
  fileprivate init?(_ json: JSONValue) {
    guard let index = json["index"]?.integer, let label = json["label"]?.integer,
      let predicted = json["predicted"]?.integer, let radius = json["radius"]?.number, radius >= 0
    else { return nil }
    var rival: Rival?
    if let label = json["rival"]?.integer, let margin = json["margin"]?.number,
      let error = json["error"]?.number
    {
      rival = Rival(label: label, margin: margin, error: error)
    }
    self.init(
      index: index, label: label, predicted: predicted, radius: LowerBound(proven: radius),
      rival: rival, difference: json["difference"].map { $0.number ?? -.infinity })
  }
}
