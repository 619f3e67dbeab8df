import CMatrixKernels

/// The processor that the program runs on.
public enum Processor {
  /// The instruction sets that it has among those that matter for vectors, oldest first; empty where they are not
  /// told apart.
  public static var instructionSets: [String] {
    var found: [String] = []
    var (index, has): (Int32, Bool) = (0, false)
    while let name = lmtc_known_instruction_set(index, &has) {
      if has { found.append(String(cString: name)) }
      index += 1
    }
    return found
  }
}
