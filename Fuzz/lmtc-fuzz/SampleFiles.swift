import FileFixtures
import FileFormats
import Foundation
import TensorGraph
import Training

/// Small valid files of every format.
enum SampleFiles {
  static let table = Array(
    (0..<12).map { "\($0),\(Double($0) / 7),-1e-3,\($0 % 3)\n" }.joined().utf8)

  static let idxImages: [UInt8] =
    [0, 0, 8, 3] + [0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2] + Array(0..<12)
  static let idxLabels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 1]

  static let cifar10: [UInt8] = (0..<2).flatMap { record in
    [UInt8(record)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0) }
  }
  static let cifar100: [UInt8] = [1, 2] + (0..<3072).map { UInt8(truncatingIfNeeded: $0) }

  static let matlab = [false, true].map { isCompressed in
    matlabFile(
      [
        matlabMatrix("X", class: 9, [2, 3, 3, 2], type: 2, Array(0..<36)),
        matlabMatrix("y", class: 6, [2, 1], type: 2, [10, 3]),
      ], isCompressed: isCompressed)
  }

  static let pictures = [2, 0, 3, 4, 6].map { color in
    var png = PNGFixture()
    (png.width, png.height, png.color) = (3, 2, color)
    png.isInterlaced = color == 4
    if color == 3 { png.palette = Array(0..<24) }
    return png.file()
  }

  static let dataArchives = [false, true].map { isDeflated in
    zip(
      [
        ("images.npy", array("|u1", "(2, 3, 1, 2)", Array(0..<12))),
        ("labels.npy", array("<i8", "(2,)", little(2, 8) + little(0, 8))),
      ], isDeflated: isDeflated)
  }

  /// Names that point elsewhere are names and nothing more.
  static let weightArchives = ["a.npy", "../../escape.npy", "/tmp/escape.npy"].map { name in
    zip(
      [
        (name, array("<f4", "(2, 3)", floatBytes([1, 2, 3, 4, 5, 6]))),
        ("b.npy", array("<f4", "()", floatBytes([9]))),
      ], isDeflated: name == "a.npy")
  }

  /// The models of the importer's tests.
  static let onnxModels: [[UInt8]] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appendingPathComponent("Tests/ONNXTests/models")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".onnx") }.sorted().compactMap { name in
      (try? Data(contentsOf: folder.appendingPathComponent(name))).map { [UInt8]($0) }
    }
  }()

  static let safetensors = Safetensors.encode(
    .init(tensors: ["a.weight": HostTensor([2, 3], [1, 2, 3, 4, 5, 6]), "a.bias": HostTensor(7)]))

  static let checkpoint = Safetensors.encode(
    Checkpoint(
      TrainingState(
        tensors: ["a.weight": HostTensor([2], [1, 2])], step: 3, epochLoss: 0.5, epochCorrect: 2),
      fingerprint: "f"
    ).contents)

  private static func array(_ type: String, _ shape: String, _ elements: [UInt8]) -> [UInt8] {
    npy("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }   \n", elements)
  }
}

/// The specs of the repository.
enum SampleSpecs {
  static let all: [[UInt8]] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../..").standardized
    return ["grammar/accepted", "specs"].flatMap { folder in
      let path = root.appending(path: folder)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path.path)) ?? []
      return names.filter { $0.hasSuffix(".yaml") }.sorted()
        .compactMap { try? Array(Data(contentsOf: path.appending(path: $0))) }
    }
  }()
}
