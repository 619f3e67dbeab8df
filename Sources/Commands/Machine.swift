import CGOMP

/// The resources of the machine.
public enum Machine {
  /// The cores that this process may run on, at least 1.
  public static var cores: Int { max(1, Int(omp_get_num_procs())) }
}
