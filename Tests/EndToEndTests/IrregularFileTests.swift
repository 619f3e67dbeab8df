import FileFixtures
import Foundation
import Glibc
import Testing

/// What is no regular file is refused at once, wherever a file is expected.
@Suite struct IrregularFileTests {
  enum Kind: String, CaseIterable {
    case device, pipe, folder, linkToDevice
  }

  private static let table = """
    lmt: 1
    name: table
    data: {format: csv, train: x, test: x, classes: 2}
    network: {input: [2], layers: [dense: 2]}
    train: {loss: cross_entropy, epochs: 1, batch: 2}

    """

  /// Something of a kind under the name `x`.
  private func workplace(_ kind: Kind) throws -> Workplace {
    let place = try Workplace(Self.table)
    let path = place.folder.appendingPathComponent("x").path
    switch kind {
    case .device: try place.write("", to: "unused")
    case .pipe: #expect(mkfifo(path, 0o600) == 0)
    case .folder: #expect(mkdir(path, 0o700) == 0)
    case .linkToDevice: #expect(symlink("/dev/zero", path) == 0)
    }
    return place
  }

  @Test(arguments: Kind.allCases, ["spec", "weights", "data", "checkpoint"])
  func isADiagnostic(kind: Kind, role: String) throws {
    let place = try workplace(kind)
    let path = kind == .device ? "/dev/zero" : "x"
    let arguments: [String]
    switch role {
    case "spec": arguments = ["compile", path]
    case "weights": arguments = ["compile", "spec.yaml", "--weights", path]
    case "data":
      arguments = [
        "run", "spec.yaml", "--set", "data.train=\(path)", "--set", "data.test=\(path)",
      ]
    default:
      let folder = place.folder.appendingPathComponent("run").path
      #expect(mkdir(folder, 0o700) == 0)
      let target = kind == .device ? "/dev/zero" : "../x"
      #expect(symlink(target, folder + "/checkpoint.safetensors") == 0)
      try place.write("1,2,0\n3,4,1\n", to: "points.csv")
      arguments = [
        "run", "spec.yaml", "--out", "run", "--resume", "--set", "data.train=points.csv",
        "--set", "data.test=points.csv",
      ]
    }
    let outcome = try LMTCProcess(arguments, in: place.folder).outcome()
    #expect(outcome.code == 66, "\(outcome.errors)")
    // A folder as data is searched for the files of the format; a checkpoint is a file or missing.
    let isMissing = role == "data" && kind == .folder || role == "checkpoint"
    #expect(outcome.errors.contains(isMissing ? "[file.missing]" : "[file.irregular]"))
  }

  /// A link that came with a data set could lead to any file of the user's.
  @Test func aLinkInsideADataFolderIsRefused() throws {
    let place = try workplace(.folder)
    try place.write("1,2,0\n3,4,1\n", to: "points.csv")
    for name in ["x/train.csv", "x/test.csv"] {
      #expect(symlink("../points.csv", place.folder.appendingPathComponent(name).path) == 0)
    }
    let refused = try place.lmtc("run", "spec.yaml", "--out", "run")
    #expect(refused.code == 66 && refused.errors.contains("symbolic link"), "\(refused.errors)")
    // The user may name a link.
    let named = try place.lmtc(
      "run", "spec.yaml", "--out", "run", "--set", "data.train=x/train.csv", "--set",
      "data.test=points.csv")
    #expect(named.code == 0, "\(named.errors)")
  }

  /// Names in an archive are names of arrays and lead nowhere.
  @Test func anArchiveWritesNoFiles() throws {
    let place = try Workplace()
    let names = ["../escape.npy", place.folder.path + "/../escape.npy", "a/../../escape.npy"]
    let number = npy(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", floatBytes([1]))
    try Data(zip(names.map { ($0, number) })).write(
      to: place.folder.appendingPathComponent("w.npz"))
    let outcome = try place.lmtc("compile", "spec.yaml", "--weights", "w.npz")
    #expect(outcome.code == 65)
    #expect(!place.contains("../escape.npy"))
  }
}
