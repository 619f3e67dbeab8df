import CPJRT
import Diagnostics

/// A connection to the devices of a plugin.
///
/// The plugin's clients may be used from any thread. What a client makes keeps it alive: some plugins require that
/// buffers are destroyed before their client.
final class PJRTClient: @unchecked Sendable {
  let interface: PJRTInterface
  let handle: OpaquePointer
  /// The devices that this process can use; at least one.
  let devices: [OpaquePointer]
  /// The kind of devices: `cpu`, `cuda`, `tpu`.
  let platform: String
  /// The version of what drives them.
  let platformVersion: String

  /// Connects to the devices; throws ``Failure`` (`device.xla`).
  ///
  /// - Parameter options: a plugin refuses those that it does not know.
  init(_ plugin: PJRTPlugin, options: [ClientOption] = []) throws(Failure) {
    let interface = plugin.interface
    let handle = try Self.create(interface, plugin.path, options)
    self.interface = interface
    self.handle = handle
    do throws(Failure) {
      platform = try Self.text(interface, handle, interface.client_platform_name)
      platformVersion = try Self.text(interface, handle, interface.client_platform_version)
      devices = try Self.devices(interface, handle, plugin.path)
    } catch {
      Self.destroy(interface, handle)
      throw error
    }
  }

  deinit { Self.destroy(interface, handle) }

  private static func destroy(_ interface: PJRTInterface, _ handle: OpaquePointer) {
    var arguments = PJRT_Client_Destroy_Args()
    arguments.client = handle
    interface.destroy(interface.client_destroy, arguments)
  }

  private static func create(
    _ interface: PJRTInterface, _ path: String, _ options: [ClientOption]
  ) throws(Failure) -> OpaquePointer {
    let values = options.map(\.value)
    var arguments = PJRT_Client_Create_Args()
    arguments.num_options = values.count
    try values.withUnsafeBufferPointer { list throws(Failure) in
      arguments.create_options = list.baseAddress
      try interface.call("connect to the devices of '\(path)'", interface.client_create, &arguments)
    }
    guard let client = arguments.client else { throw Self.withoutDevices(path) }
    return client
  }

  private static func text(
    _ interface: PJRTInterface, _ client: OpaquePointer,
    _ function: PJRTFunction<PJRT_Client_Text_Args>?
  ) throws(Failure) -> String {
    var arguments = PJRT_Client_Text_Args()
    arguments.client = client
    try interface.call("describe the platform", function, &arguments)
    return String(bytes: arguments.text, count: arguments.text_size)
  }

  private static func devices(
    _ interface: PJRTInterface, _ client: OpaquePointer, _ path: String
  ) throws(Failure) -> [OpaquePointer] {
    var arguments = PJRT_Client_Devices_Args()
    arguments.client = client
    try interface.call("list the devices", interface.client_addressable_devices, &arguments)
    let devices = UnsafeBufferPointer(start: arguments.devices, count: arguments.num_devices)
      .compactMap { $0 }
    if devices.isEmpty { throw withoutDevices(path) }
    return devices
  }

  private static func withoutDevices(_ path: String) -> Failure {
    Failure(
      Diagnostic(.init(.device, "plugin"), "the plugin '\(path)' has no device", at: .none))
  }
}

/// A plugin's option of a client.
enum ClientOption {
  /// Of the plugin for processors: how many devices their cores make.
  case processors(Int)
  /// Of plugins for GPUs: whether to take most of the memory at the start.
  case preallocation(Bool)

  /// As the plugin takes it.
  fileprivate var value: PJRT_NamedValue {
    switch self {
    case .processors(let count):
      var value = Self.named("cpu_device_count", PJRT_NAMED_VALUE_INT64)
      value.int64_value = Int64(count)
      return value
    case .preallocation(let isOn):
      var value = Self.named("preallocate", PJRT_NAMED_VALUE_BOOL)
      value.bool_value = isOn
      return value
    }
  }

  private static func named(_ name: StaticString, _ type: Int) -> PJRT_NamedValue {
    var value = PJRT_NamedValue()
    value.struct_size = MemoryLayout<PJRT_NamedValue>.size
    value.name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    value.name_size = name.utf8CodeUnitCount
    value.type = Int32(type)
    value.value_size = 1
    return value
  }
}
