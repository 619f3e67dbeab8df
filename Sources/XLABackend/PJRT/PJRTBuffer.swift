import CPJRT
import Diagnostics

/// A float32 tensor in the memory of a device; destroyed with its last reference.
///
/// Its contents may still be computed when it is made: whoever reads it waits for them.
final class PJRTBuffer {
  let client: PJRTClient
  let handle: OpaquePointer

  /// Takes over a buffer.
  init(_ handle: OpaquePointer, of client: PJRTClient) {
    self.client = client
    self.handle = handle
  }

  deinit {
    var arguments = PJRT_Buffer_Destroy_Args()
    arguments.buffer = handle
    client.interface.destroy(client.interface.buffer_destroy, arguments)
  }

  /// The lengths of the axes; throws ``Failure``.
  func shape() throws(Failure) -> [Int] {
    var arguments = PJRT_Buffer_Dimensions_Args()
    arguments.buffer = handle
    try client.interface.call("describe a tensor", client.interface.buffer_dimensions, &arguments)
    return UnsafeBufferPointer(start: arguments.dims, count: arguments.num_dims).map { Int($0) }
  }

  /// Whether an execution took over the memory; throws ``Failure``.
  func isDonated() throws(Failure) -> Bool {
    var arguments = PJRT_Buffer_IsDeleted_Args()
    arguments.buffer = handle
    try client.interface.call("describe a tensor", client.interface.buffer_is_deleted, &arguments)
    return arguments.is_deleted
  }

  /// Waits for the contents and copies them, row-major, whatever their order on the device is.
  ///
  /// - Parameters:
  ///   - rank: the number of axes.
  ///   - target: has room for all elements.
  func read(rank: Int, into target: UnsafeMutableBufferPointer<Float>) throws(Failure) {
    try startReading(rank: rank, into: target)?.await(Self.reading)
  }

  /// What fails where a copy does.
  static let reading = "copy a tensor from the device"

  /// Starts to copy the contents as soon as they are there.
  ///
  /// - Parameter target: has room for all elements until the copy has ended.
  /// - Returns: its end; nil where it has ended.
  func startReading(
    rank: Int, into target: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) -> PJRTEvent? {
    var arguments = PJRT_Buffer_ToHostBuffer_Args()
    arguments.src = handle
    arguments.dst = UnsafeMutableRawPointer(target.baseAddress)
    arguments.dst_size = target.count * MemoryLayout<Float>.stride
    let lastAxisFirst = (0..<Int64(rank)).reversed() + []
    try lastAxisFirst.withUnsafeBufferPointer { axes throws(Failure) in
      var layout = PJRT_Buffer_MemoryLayout()
      layout.struct_size = MemoryLayout<PJRT_Buffer_MemoryLayout>.size
      layout.tiled.struct_size = MemoryLayout<PJRT_Buffer_MemoryLayout_Tiled>.size
      layout.tiled.minor_to_major = axes.baseAddress
      layout.tiled.minor_to_major_size = axes.count
      try withUnsafeMutablePointer(to: &layout) { layout throws(Failure) in
        arguments.host_layout = layout
        try client.interface.call(
          Self.reading, client.interface.buffer_to_host_buffer, &arguments)
      }
    }
    return arguments.event.map { PJRTEvent($0, of: client) }
  }
}

extension PJRTClient {
  /// Starts to copy a row-major tensor to a device.
  ///
  /// - Parameters:
  ///   - elements: must keep their contents until the event has ended.
  ///   - device: its place in the list of devices.
  func buffer(
    _ elements: UnsafeBufferPointer<Float>, shape: [Int], on device: Int = 0
  ) throws(Failure) -> (buffer: PJRTBuffer, end: PJRTEvent) {
    let dimensions = shape.map { Int64($0) }
    var arguments = PJRT_Client_BufferFromHostBuffer_Args()
    arguments.client = handle
    arguments.data = UnsafeRawPointer(elements.baseAddress)
    arguments.type = Int32(PJRT_BUFFER_TYPE_F32)
    arguments.num_dims = dimensions.count
    arguments.host_buffer_semantics = Int32(PJRT_HOST_BUFFER_UNTIL_TRANSFER_COMPLETES)
    arguments.device = devices[device]
    try dimensions.withUnsafeBufferPointer { list throws(Failure) in
      arguments.dims = list.baseAddress
      try interface.call(
        "copy a tensor to the device", interface.client_buffer_from_host_buffer, &arguments)
    }
    guard let buffer = arguments.buffer, let event = arguments.done_with_host_buffer else {
      throw Failure(
        Diagnostic(.init(.device, "xla"), "XLA made no tensor and gave no reason", at: .none))
    }
    return (PJRTBuffer(buffer, of: self), PJRTEvent(event, of: self))
  }
}
