import COneDNN

/// The one engine and stream of oneDNN in this process.
final class OneDNN: @unchecked Sendable {
  /// nil if oneDNN finds no usable processor.
  static let shared = OneDNN()

  let engine: dnnl_engine_t
  let stream: dnnl_stream_t

  private init?() {
    var engine: dnnl_engine_t?
    var stream: dnnl_stream_t?
    guard dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success, let engine,
      dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue))
        == dnnl_success, let stream
    else { return nil }
    (self.engine, self.stream) = (engine, stream)
  }

  /// Whether oneDNN uses AVX-512's or AMX's products of bfloat16 numbers on this processor.
  static var hasFastBFloat16: Bool { uses(dnnl_cpu_isa_avx512_core_bf16) }

  /// Whether it uses AMX's tiles.
  static var hasTiles: Bool { uses(dnnl_cpu_isa_avx512_core_amx) }

  private static func uses(_ set: dnnl_cpu_isa_t) -> Bool {
    dnnl_get_effective_cpu_isa().rawValue & set.rawValue == set.rawValue
  }

  /// The loaded library, and the newest instruction set that it uses, such as `avx2`.
  static var description: (name: String, version: String, instructionSet: String) {
    let version = dnnl_version().map {
      "\($0.pointee.major).\($0.pointee.minor).\($0.pointee.patch)"
    }
    let name = dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa()).map { String(cString: $0) } ?? ""
    let prefix = "cpu_isa_"
    return (
      "oneDNN", version ?? "", name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    )
  }
}

extension Layout {
  /// The layout that a descriptor states; nil if it is padded or not dense.
  init?(_ descriptor: lmtc_memory_desc, shape: [Int]) {
    var blocking = lmtc_blocking()
    guard lmtc_read_blocking(descriptor, &blocking),
      Array(Self.elements(of: blocking.padded).prefix(shape.count)) == shape
    else { return nil }
    let blocks = Array(
      zip(Self.elements(of: blocking.axes), Self.elements(of: blocking.blocks))
        .prefix(Int(blocking.count)))
    var multipliers = Array(repeating: 1, count: shape.count)
    var inner: [Dimension] = []
    for (axis, extent) in blocks.reversed() {
      inner.insert(Dimension(axis: axis, extent: extent, multiplier: multipliers[axis]), at: 0)
      multipliers[axis] *= extent
    }
    let strides = Self.elements(of: blocking.strides)
    let outer = shape.indices.sorted { strides[$0] > strides[$1] }.map { axis in
      Dimension(
        axis: axis, extent: shape[axis] / multipliers[axis], multiplier: multipliers[axis])
    }.filter { $0.extent != 1 }
    // In a dense layout each loop's stride is the product of the extents inside it.
    var stride = blocks.reduce(1) { $0 * $1.1 }
    for dimension in outer.reversed() {
      guard strides[dimension.axis] == stride else { return nil }
      stride *= dimension.extent
    }
    self.init(outer + inner)
  }

  /// The elements of a C array that was imported as a tuple.
  private static func elements<Tuple>(of tuple: Tuple) -> [Int] {
    withUnsafeBytes(of: tuple) { $0.bindMemory(to: Int64.self).map { Int($0) } }
  }
}
