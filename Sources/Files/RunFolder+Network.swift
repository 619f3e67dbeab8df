import Diagnostics
import Execution
import FileFormats
import Glibc
import ModelIR

extension RunFolder {
  /// Writes the spec with everything written out; its data are named from the root.
  public func write(resolved spec: ModelSpec) throws(Failure) {
    try write(spec.yaml { spec.absolutePath($0) }, as: .resolvedSpec)
  }

  /// Writes the weights, in the order of their names.
  public func write(weights: Weights) throws(Failure) {
    let tensors = weights.tensors.sorted { $0.key < $1.key }
    try write(Safetensors.encode(.init(tensors: .init(uniqueKeysWithValues: tensors))), as: .model)
  }
}

extension ModelSpec {
  /// A path of the spec from the root, so that a copy of the spec elsewhere finds the same data.
  fileprivate func absolutePath(_ path: String) -> String {
    guard let found = realpath(resolve(path), nil) else { return path }
    defer { free(found) }
    return String(cString: found)
  }
}
