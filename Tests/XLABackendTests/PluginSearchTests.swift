import Diagnostics
import Foundation
import Testing

@testable import XLABackend

/// Where plugins are looked for, in folders of the test's own.
final class PluginSearchTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("plugins-\(UUID().uuidString)").path

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  @Test func aNamedPluginComesBeforeAllOthers() throws {
    try make("named.so", "work/.xla/cpu/pjrt_c_api_cpu_plugin.so", "variable.so")
    let search = search(["LMTC_PJRT_PLUGIN": "\(folder)/variable.so"])
    #expect(try search.path(named: "\(folder)/named.so") == "\(folder)/named.so")
    #expect(try search.path(named: nil) == "\(folder)/variable.so")
  }

  @Test func folderOfTheScriptComesBeforePackages() throws {
    let package = "env/lib/python3.11/site-packages/lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so"
    try make("work/inner/file", package)
    let search = search(["VIRTUAL_ENV": "\(folder)/env"])
    #expect(search.installed == "\(folder)/\(package)")
    try make("work/.xla/cpu/pjrt_c_api_cpu_plugin.so")
    #expect(search.installed == "\(folder)/work/.xla/cpu/pjrt_c_api_cpu_plugin.so")
    try make("work/.xla/cuda/xla_cuda_plugin.so")
    #expect(search.installed == "\(folder)/work/.xla/cuda/xla_cuda_plugin.so")
  }

  @Test(arguments: ["jax_plugins/xla_cuda12/xla_cuda_plugin.so", "libtpu/libtpu.so"])
  func packagesOnThePathOfPythonAreFound(_ package: String) throws {
    try make("listed/\(package)")
    #expect(
      search(["PYTHONPATH": "/no/such:\(folder)/listed"]).installed == "\(folder)/listed/\(package)"
    )
  }

  @Test func aPluginThatIsNotThereIsADiagnostic() throws {
    for (variables, path, named) in [
      ([:], "/no/such.so", "'--device'"),
      (["LMTC_PJRT_PLUGIN": "/no/such.so"], nil, "'LMTC_PJRT_PLUGIN'"),
    ] as [([String: String], String?, String)] {
      let failure = #expect(throws: Failure.self) { try search(variables).path(named: path) }
      let diagnostic = try #require(failure?.diagnostics.first)
      #expect(
        diagnostic.message == "there is no PJRT plugin '/no/such.so', which \(named) names")
      #expect(ExitCode(for: [diagnostic]) == .noDevice)
    }
  }

  @Test func aNameWithoutFolderIsAFileOfTheWorkingDirectory() throws {
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: ".").first)
    #expect(try search([:]).path(named: name) == "./\(name)")
  }

  /// A search in `work/inner`; the variable HOME is not set.
  private func search(_ variables: [String: String]) -> PluginSearch {
    PluginSearch(variable: { variables[$0] }, starts: ["\(folder)/work/inner"])
  }

  private func make(_ files: String...) throws {
    for file in files {
      let path = "\(folder)/\(file)"
      let parent = path.prefix(upTo: path.lastIndex(of: "/")!)
      try FileManager.default.createDirectory(
        atPath: String(parent), withIntermediateDirectories: true)
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
    }
  }
}
