import Diagnostics
import FileFormats
import Files
import ModelIR
import TensorGraph

/// `test.safetensors`: the samples that a certificate is about.
extension SampleSet {
  /// The samples as they are certified: `inputs` [N, …] in input units and `labels` [N].
  public func tensorFile() throws(Failure) -> [UInt8] {
    var elements = [Float](repeating: 0, count: count * sampleCount)
    try elements.withUnsafeMutableBufferPointer { buffer throws(Failure) in
      try copySamples(0..<count, to: buffer)
    }
    return Safetensors.encode(
      .init(tensors: [
        "inputs": HostTensor([count] + shape, elements),
        "labels": HostTensor([count], labels.map(Float.init)),
      ]))
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
