import Commands
import Execution

/// `--device double`.
struct DoubleEngine: EngineFactory {
  let name = "double"

  func make(threads: Int?) -> any Backend { DoubleBackend() }
}
