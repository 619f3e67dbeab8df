/// How XLA compiles a program, as the serialized protocol buffer `CompileOptionsProto` that PJRT takes.
///
/// Only fields that differ from their defaults are written: one replica, and a partition for each device, on those
/// that the client lists first. Field numbers are those of XLA's `compile_options.proto`.
struct CompileOptions {
  /// How many devices share the work of one program.
  var devices = 1
  /// The flags of XLA that are switched off; a plugin refuses those that it does not know.
  var disabledFlags: [Flag] = []

  /// A flag of XLA that is on by default.
  enum Flag: String {
    /// Whether the plugin for processors may execute operations side by side.
    ///
    /// It divides large ones among its threads in any case. Side by side, steps of small operations take up to twice
    /// as long where other programs use the cores.
    case concurrency = "xla_cpu_enable_concurrency_optimized_scheduler"
    /// Whether shardings are kept in a newer form, which is not the one that the C interface hands on: XLA warns
    /// that it does without, for every module.
    case newerShardings = "xla_enable_hlo_sharding_v3"
  }

  /// The fields of `ExecutableBuildOptionsProto` that are written.
  private enum BuildField: UInt8 {
    case deviceOrdinal = 1
    case replicas = 4
    case partitions = 5
    case usesPartitioning = 6
    case usesShardy = 19
  }

  /// The fields of `CompileOptionsProto` that are written.
  private enum Field: UInt8 {
    case buildOptions = 3
    /// A map from names of XLA's flags to `OptionOverrideProto`.
    case flags = 7
  }

  /// The serialized message.
  var bytes: [UInt8] {
    var build = Self.integer(.deviceOrdinal, -1) + Self.integer(.replicas, 1)
    build += Self.integer(.partitions, Int64(devices))
    if devices > 1 { build += Self.integer(.usesPartitioning, 1) + Self.integer(.usesShardy, 1) }
    return Self.message(Field.buildOptions.rawValue, build)
      + disabledFlags.flatMap { Self.message(Field.flags.rawValue, Self.disabled($0)) }
  }

  /// An entry of the map of flags: the name is its field 1, and field 2 has a Boolean value as field 2.
  private static func disabled(_ flag: Flag) -> [UInt8] {
    message(1, Array(flag.rawValue.utf8)) + message(2, [2 << 3, 0])
  }

  /// Wire type 2: a length and so many bytes.
  private static func message(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [field << 3 | 2] + varint(UInt64(bytes.count)) + bytes
  }

  /// Wire type 0: an integer, negative ones in two's complement.
  private static func integer(_ field: BuildField, _ value: Int64) -> [UInt8] {
    varint(UInt64(field.rawValue) << 3) + varint(UInt64(bitPattern: value))
  }

  /// Seven bits a byte, least significant first; all bytes but the last have their highest bit set.
  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
