import Diagnostics
import FileFormats
import Files
import ModelIR

/// `test.safetensors`: the samples that a certificate is about.
extension SampleSet {
  /// Hands on the bytes of a file of some of the samples as they are certified: `inputs` [N, …] in input
  /// units and `labels` [N].
  ///
  /// The samples are read one after another and not kept. Throws what `body` throws, and `file.…`.
  public func forEachTensorFilePiece(
    of range: Range<Int>, _ body: (ArraySlice<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    try body(Self.tensorFileHeader(count: range.count, shape: shape)[...])
    for index in range { try body(Safetensors.bytes(of: Array(try self[index]))[...]) }
    try body(Safetensors.bytes(of: labels[range].map(Float.init))[...])
  }

  /// What such a file begins with.
  public static func tensorFileHeader(count: Int, shape: [Int]) -> [UInt8] {
    Safetensors.header(of: [("inputs", [count] + shape), ("labels", [count])])
  }

  /// A sample in such a file; nil where it is not a file of `count` samples of this shape.
  public static func sample(
    _ place: Int, of count: Int, shape: [Int], in file: any ByteSource
  ) -> [Float]? {
    let header = tensorFileHeader(count: count, shape: shape)
    let size = 4 * shape.reduce(1, *)
    let start = header.count + size * place
    guard (0..<count).contains(place), (try? file.prefix(header.count)) == header,
      let bytes = try? file.bytes(start..<start + size)
    else { return nil }
    return Safetensors.elements(of: bytes[...])
  }

  /// The samples of a run folder; throws `file.…`, `weights.…`, or `data.certificate` where they do not
  /// fit the network.
  public init(
    certifiedIn folder: RunFolder, shape: [Int], classes: Int, count: Int
  ) throws(Failure) {
    let path = folder.path(of: .test)
    let tensors = try Safetensors.decode(try folder.read(.test), path: path).tensors
    let labels = tensors["labels"]?.elements.compactMap { Int(exactly: $0) } ?? []
    guard let inputs = tensors["inputs"], inputs.shape == [count] + shape, labels.count == count,
      count > 0, tensors["labels"]?.shape == [count], labels.allSatisfy((0..<classes).contains),
      inputs.elements.allSatisfy(\.isFinite)
    else {
      throw FileFault(.data, path: path)(
        "certificate",
        "the file must hold finite 'inputs' of shape \(([count] + shape).shapeText) and \(count) 'labels' below \(classes)",
        at: nil, help: "audit an unchanged folder written by 'run' or 'certify'")
    }
    try self.init(
      LabeledData(shape: shape, values: inputs.elements, labels: labels), scale: 1,
      classes: classes)
  }
}
