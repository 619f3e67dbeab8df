import Diagnostics
import FileFormats
import ModelIR

/// The binary files of CIFAR-10 and CIFAR-100: records of label bytes and a 3 × 32 × 32 image.
struct CIFARRecords {
  private static let image = [3, 32, 32]
  private static let imageBytes = 3 * 32 * 32
  /// The format's name in a spec.
  let format: String
  /// Bytes before each image.
  let labelBytes: Int
  /// Which of them is the label.
  let label: Int

  private var recordBytes: Int { labelBytes + Self.imageBytes }

  /// All records of the files in order; throws `data.…`.
  func decode(
    _ files: [DataFile], shape: [Int], classes: Int
  ) throws(Failure) -> LabeledData {
    var parts: [StoredSamples] = []
    var labels: [Int] = []
    for file in files {
      try checkLength(of: file)
      try file.check(Self.image, fits: shape, at: 0)
      labels += try readLabels(of: file, classes: classes)
      parts.append(
        StoredSamples(
          file.source, .uint8, start: labelBytes, stride: recordBytes,
          count: file.source.count / recordBytes, size: Self.imageBytes))
    }
    return LabeledData(shape: shape, stored: parts, labels: labels)
  }

  private func checkLength(of file: DataFile) throws(Failure) {
    let count = file.source.count
    guard count > 0 else { throw file.fault("empty", "the file has no records", at: 0) }
    guard count % recordBytes != 0 else { return }
    try refuseOtherKinds(file)
    throw file.fault(
      "truncated",
      "a record has \(recordBytes) bytes, after \(count / recordBytes) records stand "
        + "\(count % recordBytes)", at: count)
  }

  private func readLabels(of file: DataFile, classes: Int) throws(Failure) -> [Int] {
    var labels: [Int] = []
    labels.reserveCapacity(file.source.count / recordBytes)
    try file.source.forEachPiece(
      of: 0..<file.source.count, size: 64 * recordBytes
    ) { piece, offset throws(Failure) in
      for start in stride(from: label, to: piece.count, by: recordBytes) {
        let found = Int(piece[start])
        guard found < classes else {
          try refuseOtherKinds(file)
          throw file.labelFault(
            found, sample: labels.count, classes: classes, at: offset + start)
        }
        labels.append(found)
      }
    }
    return labels
  }

  /// Records have no magic number, so other kinds are looked for when the contents cannot be right.
  private func refuseOtherKinds(_ file: DataFile) throws(Failure) {
    guard let found = try file.recognisedKind() else { return }
    throw Failure(
      file.mismatch(found, required: "records of \(recordBytes) bytes", format: format))
  }
}
