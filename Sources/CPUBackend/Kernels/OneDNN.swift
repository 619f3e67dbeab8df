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

  /// A float32 tensor's descriptor: row-major, or in the layout that the primitive prefers.
  static func descriptor(_ shape: [Int], isFree: Bool) -> dnnl_memory_desc_t? {
    let tags: [dnnl_format_tag_t] = [dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd]
    var descriptor = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_tag(
      &descriptor, CInt(shape.count), shape.map { Int64($0) }, dnnl_f32,
      isFree ? dnnl_format_tag_any : tags[shape.count - 1])
    return status == dnnl_success ? descriptor : nil
  }
}

extension Layout {
  /// The layout that a descriptor states; nil if it is padded or not dense.
  init?(_ descriptor: dnnl_memory_desc_t, shape: [Int]) {
    let padded = Self.elements(of: descriptor.padded_dims)
    guard descriptor.format_kind == dnnl_blocked, descriptor.offset0 == 0,
      descriptor.extra.flags == 0, Array(padded.prefix(shape.count)) == shape
    else { return nil }
    let blocking = descriptor.format_desc.blocking
    let blocks = Array(
      zip(Self.elements(of: blocking.inner_idxs), Self.elements(of: blocking.inner_blks))
        .prefix(Int(blocking.inner_nblks)))
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
