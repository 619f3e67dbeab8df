import Diagnostics
import TensorGraph

/// NumPy's npz: a zip archive of npy arrays, stored or deflated.
///
/// The key of a tensor is its entry's name without `.npy`.
public enum NPZ {
  /// The arrays of a file; throws `weights.…` with the offset of the fault.
  public static func decode(_ bytes: [UInt8], path: String) throws(Failure) -> [String: HostTensor]
  {
    let fault = FileFault(.weights, path: path)
    let archive = try ZipArchive(MemorySource(bytes), fault)
    var budget = Inflation.limit(forCompressed: bytes.count)
    var tensors: [String: HostTensor] = [:]
    for entry in archive.entries {
      guard entry.name.hasSuffix(".npy") else {
        throw fault(
          "format", "entries of an npz file end in '.npy', found '\(entry.name)'", at: entry.offset,
          help: entry.name.hasSuffix(".pkl")
            ? "this is a PyTorch file: save the tensors with safetensors.torch.save_file" : nil)
      }
      let name = String(entry.name.dropLast(4))
      let contents = try archive.contents(of: entry, limit: budget, in: MemoryWorkspace())
      budget -= contents.count
      guard tensors[name] == nil else {
        throw fault("duplicate", "'\(name)' stands twice in the archive", at: entry.offset)
      }
      switch try NPYArray.decode(contents) {
      case .success(let tensor): tensors[name] = tensor
      case .failure(let error):
        throw fault(error.rule, "'\(name)' \(error.message)", at: entry.offset)
      }
    }
    return tensors
  }
}
