import Diagnostics

/// A number on its way from a device to the host.
final class PendingScalar {
  private let target: UnsafeMutableBufferPointer<Float>
  private let end: PJRTEvent?

  /// Starts to copy the element of a scalar; throws ``Failure`` (`device.xla`).
  init(_ buffer: PJRTBuffer) throws(Failure) {
    target = .allocate(capacity: 1)
    target.initialize(repeating: .nan)
    do throws(Failure) {
      end = try buffer.startReading(rank: 0, into: target)
    } catch {
      target.deallocate()
      throw error
    }
  }

  deinit {
    try? end?.await(PJRTBuffer.reading)
    target.deallocate()
  }

  /// Waits for the number; throws ``Failure`` where the device could not compute or copy it.
  func value() throws(Failure) -> Double {
    try end?.await(PJRTBuffer.reading)
    return Double(target[0])
  }
}
