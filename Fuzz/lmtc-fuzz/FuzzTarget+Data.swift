import Compiler
import Diagnostics
import FileFixtures
import Files
import ModelIR

extension FuzzTarget {
  /// The data formats that read files.
  static let dataTargets = [
    data("csv", [3], [SampleFiles.table, deflated(SampleFiles.table)], as: "train.csv"),
    data(
      "idx-images", format: "idx", [1, 2, 2],
      [SampleFiles.idxImages, deflated(SampleFiles.idxImages)],
      as: "train-images-idx3-ubyte", beside: ["train-labels-idx1-ubyte": SampleFiles.idxLabels]),
    data(
      "idx-labels", format: "idx", [1, 2, 2], [SampleFiles.idxLabels],
      as: "train-labels-idx1-ubyte", beside: ["train-images-idx3-ubyte": SampleFiles.idxImages]),
    data("cifar10", [3072], [SampleFiles.cifar10], as: "test_batch.bin", split: .test),
    data("cifar100", [3072], [SampleFiles.cifar100], as: "train.bin"),
    data("svhn", [3, 2, 3], SampleFiles.matlab, as: "train_32x32.mat", keys: ", extra: false"),
    data("npz", [3, 1, 2], SampleFiles.dataArchives, as: "train.npz"),
    data(
      "images", [3, 2, 3], SampleFiles.pictures, as: "a/1.png",
      beside: ["b/1.png": SampleFiles.pictures[0]]),
  ]

  /// A format with a file of one role damaged, read into samples.
  private static func data(
    _ name: String, format: String? = nil, _ shape: [Int], _ seeds: [[UInt8]], as file: String,
    beside companions: [String: [UInt8]] = [:], split: DataSplit = .train, keys: String = ""
  ) -> FuzzTarget {
    let spec = """
      lmt: 1
      name: fuzz
      data: {format: \(format ?? name), train: ., test: ., scale: 1/255, classes: 10\(keys)}
      network: {input: \(shape), layers: [flatten, dense: 10]}
      """
    var diagnostics: [Diagnostic] = []
    let source = SourceFile(path: "spec.yaml", text: spec)
    guard let data = Pipeline.compile(source, &diagnostics)?.spec.data else {
      preconditionFailure(DiagnosticText().render(diagnostics))
    }
    return FuzzTarget(name: name, seeds: seeds, file: file, companions: companions) { folder in
      let labeled = try DatasetReading.load(
        data.format.value, split: split, at: folder, shape: shape, classes: 10)
      let samples = try SampleSet(labeled, scale: data.scale.nearest, classes: 10)
      precondition(samples.count > 0 && samples.labels.allSatisfy { (0..<10).contains($0) })
    }
  }
}
