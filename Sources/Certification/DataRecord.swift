import Diagnostics
import Files
import ModelIR

/// Which samples a certificate is about: the raw files and what the spec takes from them.
public struct DataRecord: Sendable {
  private let data: DataSpec
  /// The number of test samples.
  let samples: Int
  private let files: [DataDigest]

  /// The test samples of a spec's data, and the digests of the files that they were read from.
  public init(_ data: DataSpec, samples: Int, files: [DataDigest]) {
    (self.data, self.samples, self.files) = (data, samples, files)
  }

  /// The section `data` of a certificate.
  var json: JSONValue {
    [
      "split": .string(DataSplit.test.rawValue), "samples": .integer(samples),
      "format": .string(data.format.kind), "scale": .string(data.scale.specText),
      "selection": .object(
        .init(
          uniqueKeysWithValues: data.format.configuration.map { ($0.key, .string($0.text)) })),
      "files": .array(files.map(Self.json)),
    ]
  }

  private static func json(_ file: DataDigest) -> JSONValue {
    var entries: [(String, JSONValue)] = [
      ("name", .string(file.name)), ("sha256", .string(file.sha256)),
    ]
    if let count = file.fileCount { entries.append(("files", .integer(count))) }
    return .object(.init(uniqueKeysWithValues: entries))
  }
}
