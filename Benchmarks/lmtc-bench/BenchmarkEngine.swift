import CPUBackend
import Execution
import XLABackend

/// What a benchmark runs on, named as `lmtc --device` names it: `cpu`, `xla`, or `xla:PATH`.
struct BenchmarkEngine {
  /// The engine.
  let backend: any Backend
  /// The libraries behind it.
  let versions: String

  /// Throws ``Failure`` (`device.…`) where a plugin cannot be used; all other names are the CPU engine's.
  init(_ device: String, threads: Int) throws {
    guard device == "xla" || device.hasPrefix("xla:") else {
      let library = CPUBackend.library
      backend = CPUBackend(threads: threads)
      versions = "\(library.name) \(library.version), \(library.instructionSet)"
      return
    }
    let path = device == "xla" ? nil : String(device.dropFirst("xla:".count))
    let plugin = try PJRTPlugin(path: PluginSearch().path(named: path))
    let engine = try XLABackend(plugin)
    backend = engine
    versions = engine.details
  }
}
