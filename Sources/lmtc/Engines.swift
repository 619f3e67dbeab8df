import CPUBackend
import Commands
import Execution
import Synchronization
import XLABackend

/// The engines that `--device` chooses from.
enum Engines {
  static let all: [any EngineFactory] = [CPUEngine(), XLAEngine()]
}

/// `--device cpu`.
struct CPUEngine: EngineFactory {
  let name = "cpu"
  var details: String {
    let library = CPUBackend.library
    return "\(library.name) \(library.version) for \(library.instructionSet)"
  }
  func make(threads: Int?) -> any Backend {
    CPUBackend(threads: threads ?? Machine.cores)
  }
}

/// `--device xla` and `--device xla:PATH`.
///
/// The plugin decides on its threads.
struct XLAEngine: EngineFactory {
  let name = "xla"
  var details: String {
    PluginSearch().installed.map { "PJRT plugin \($0)" } ?? "no PJRT plugin is installed"
  }

  func make(threads: Int?) throws -> any Backend {
    try make(threads: threads, variant: nil, devices: 1)
  }

  func make(threads: Int?, variant: String?, devices: Int) throws -> any Backend {
    let path = try PluginSearch().path(named: variant)
    return try Self.engines.withLock { engines in
      if let engine = engines[path] { return engine }
      let engine = try XLABackend(PJRTPlugin(path: path), devices: devices)
      engines[path] = engine
      return engine
    }
  }

  /// The engines by the plugin's path: each has a connection and memory of its own, and one is enough.
  private static let engines = Mutex<[String: XLABackend]>([:])
}
