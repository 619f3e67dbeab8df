import Diagnostics

/// Where a tensor is.
enum Placement: Hashable {
  /// Whole on each of the first devices.
  case whole(devices: Int)
  /// Its first axis divided among the first devices.
  case divided(devices: Int)

  /// How many devices have it or a part of it.
  var devices: Int {
    switch self {
    case .whole(let devices), .divided(let devices): devices
    }
  }
}

/// A tensor on the host and on devices; each is copied from the other when it is out of date.
final class MirroredTensor {
  let shape: [Int]
  let placement: Placement
  private let client: PJRTClient
  /// Row-major; not allocated before it is needed, and then 0 at first.
  private var host: UnsafeMutableBufferPointer<Float>?
  /// Whether the host has what the devices have; true of a tensor without a value.
  private var isHostCurrent = true
  /// One for each device; none where the host has a newer value.
  private var buffers: [PJRTBuffer] = []
  /// The copies to devices that read the host's elements.
  private var transfers: [PJRTEvent] = []

  /// A tensor of zeros; the first axis of one that is divided is a multiple of the number of devices.
  init(_ shape: [Int], _ placement: Placement, on client: PJRTClient) {
    self.shape = shape
    self.placement = placement
    self.client = client
  }

  deinit {
    try? endTransfers()
    host?.deallocate()
  }

  /// The elements on the host, which may be changed until the next call of ``onDevices()``.
  func onHost() throws(Failure) -> UnsafeMutableBufferPointer<Float> {
    try endTransfers()
    let elements = hostMemory()
    if !isHostCurrent {
      try buffers[0].read(rank: shape.count, into: elements)
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
    (isHostCurrent, buffers) = (true, [])
  }

  /// The value on the devices in order; starts to copy it there if it is not.
  func onDevices() throws(Failure) -> [PJRTBuffer] {
    if !buffers.isEmpty { return buffers }
    try endTransfers()
    let elements = UnsafeBufferPointer(hostMemory())
    var copies: [PJRTBuffer] = []
    for device in 0..<placement.devices {
      let (part, shape) = self.part(of: elements, device)
      let (buffer, end) = try client.buffer(part, shape: shape, on: device)
      copies.append(buffer)
      transfers.append(end)
    }
    buffers = copies
    return copies
  }

  /// What a device has of the elements.
  private func part(
    of elements: UnsafeBufferPointer<Float>, _ device: Int
  ) -> (UnsafeBufferPointer<Float>, shape: [Int]) {
    switch placement {
    case .whole: return (elements, shape)
    case .divided(let devices):
      let count = elements.count / devices
      let part = elements[device * count..<(device + 1) * count]
      return (UnsafeBufferPointer(rebasing: part), [shape[0] / devices] + shape.dropFirst())
    }
  }

  /// The element of a scalar that is on the device; starts to copy it from there.
  func pendingScalar() throws(Failure) -> PendingScalar {
    precondition(shape.isEmpty && !buffers.isEmpty, "no scalar on the device")
    return try PendingScalar(buffers[0])
  }

  /// Results, one for each device and all the same, are the value from now on.
  func take(_ results: [PJRTBuffer]) {
    (isHostCurrent, buffers) = (false, results)
  }

  private func endTransfers() throws(Failure) {
    for transfer in transfers { try transfer.await("copy a tensor to the device") }
    transfers = []
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
