import Diagnostics

/// A tensor on the host and on the device; each is copied from the other when it is out of date.
final class MirroredTensor {
  let shape: [Int]
  private let client: PJRTClient
  /// Row-major; not allocated before it is needed, and then 0 at first.
  private var host: UnsafeMutableBufferPointer<Float>?
  /// Whether the host has what the device has; true of a tensor without a value.
  private var isHostCurrent = true
  /// Nil where the host has a newer value.
  private var device: PJRTBuffer?
  /// The copy to the device that reads the host's elements.
  private var transfer: PJRTEvent?

  /// A tensor of zeros.
  init(_ shape: [Int], on client: PJRTClient) {
    self.shape = shape
    self.client = client
  }

  deinit {
    try? transfer?.await("copy a tensor to the device")
    host?.deallocate()
  }

  /// The elements on the host, which may be changed until the next call of ``onDevice()``.
  func onHost() throws(Failure) -> UnsafeMutableBufferPointer<Float> {
    try endTransfer()
    let elements = hostMemory()
    if !isHostCurrent, let device {
      try device.read(rank: shape.count, into: elements)
      isHostCurrent = true
    }
    return elements
  }

  /// NaN in place of a value that cannot be read.
  func unknownOnHost() -> UnsafeMutableBufferPointer<Float> {
    let elements = hostMemory()
    elements.update(repeating: .nan)
    return elements
  }

  /// The elements on the host are the value from now on.
  func hostChanged() {
    (isHostCurrent, device) = (true, nil)
  }

  /// The value on the device; starts to copy it there if it is not.
  func onDevice() throws(Failure) -> PJRTBuffer {
    if let device { return device }
    try endTransfer()
    let (buffer, end) = try client.buffer(UnsafeBufferPointer(hostMemory()), shape: shape)
    (device, transfer) = (buffer, end)
    return buffer
  }

  /// A result is the value from now on.
  func take(_ result: PJRTBuffer) {
    (isHostCurrent, device) = (false, result)
  }

  private func endTransfer() throws(Failure) {
    try transfer?.await("copy a tensor to the device")
    transfer = nil
  }

  private func hostMemory() -> UnsafeMutableBufferPointer<Float> {
    if let host { return host }
    let count = shape.reduce(1, *)
    let memory = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
    memory.initialize(repeating: 0, count: max(1, count))
    let elements = UnsafeMutableBufferPointer(start: memory, count: count)
    host = elements
    return elements
  }
}
