/// How XLA compiles a program, as the serialized protocol buffer `CompileOptionsProto` that PJRT takes.
///
/// Only fields that differ from their defaults are written: one replica, and a partition for each device, on those
/// that the client lists first. Field numbers are those of XLA's `compile_options.proto`.
struct CompileOptions {
  /// How many devices share the work of one program.
  var devices = 1

  /// The fields of `ExecutableBuildOptionsProto` that are written.
  private enum BuildField: UInt8 {
    case deviceOrdinal = 1
    case replicas = 4
    case partitions = 5
    case usesPartitioning = 6
    case usesShardy = 19
  }

  /// The field of `CompileOptionsProto` with the build options.
  private static let buildOptions: UInt8 = 3

  /// The serialized message.
  var bytes: [UInt8] {
    var build = Self.integer(.deviceOrdinal, -1) + Self.integer(.replicas, 1)
    build += Self.integer(.partitions, Int64(devices))
    if devices > 1 { build += Self.integer(.usesPartitioning, 1) + Self.integer(.usesShardy, 1) }
    // Wire type 2: a length and so many bytes.
    return [Self.buildOptions << 3 | 2] + Self.varint(UInt64(build.count)) + build
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
