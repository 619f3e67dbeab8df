import CPJRT
import Diagnostics

/// The end of work that was started on a device.
///
/// The plugin's events may be awaited on any thread.
final class PJRTEvent: @unchecked Sendable {
  private let client: PJRTClient
  private let handle: OpaquePointer

  /// Takes over an event.
  init(_ handle: OpaquePointer, of client: PJRTClient) {
    self.client = client
    self.handle = handle
  }

  deinit {
    var arguments = PJRT_Event_Args()
    arguments.event = handle
    client.interface.destroy(client.interface.event_destroy, arguments)
  }

  /// Waits for the end; throws ``Failure`` where the work failed.
  func await(_ activity: @autoclosure () -> String) throws(Failure) {
    var arguments = PJRT_Event_Args()
    arguments.event = handle
    try client.interface.call(activity(), client.interface.event_await, &arguments)
  }
}
