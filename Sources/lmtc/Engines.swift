import CPUBackend
import Commands
import Execution

/// The engines that `--device` chooses from.
enum Engines {
  static let all: [any EngineFactory] = [CPUEngine()]
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
