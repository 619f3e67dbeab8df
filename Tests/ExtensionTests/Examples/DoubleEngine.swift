import Commands
import Execution

/// `--device double`.
struct DoubleEngine: EngineFactory {
  let name = "double"
  let details = "the reference engine"

  func make(threads: Int?) -> any Backend { DoubleBackend() }
}
