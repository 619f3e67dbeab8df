import CPJRT
import Diagnostics
import Glibc

/// A loaded plugin: XLA for one kind of devices.
public struct PJRTPlugin: Sendable {
  /// The shared library.
  public let path: String
  /// What the plugin says of itself by name, such as `xla_version`; lists of integers are joined by points.
  public let attributes: [String: String]
  let interface: PJRTInterface

  /// Loads a shared library.
  ///
  /// Throws ``Failure``: `device.plugin` where the file cannot be loaded or is no plugin,
  /// `device.plugin-version` where its interface has another layout. The library is never unloaded: XLA starts
  /// threads of its own.
  public init(path: String) throws(Failure) {
    // Of what XLA writes on standard error only warnings and errors, unless the user says otherwise.
    setenv("TF_CPP_MIN_LOG_LEVEL", "1", 0)
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "unknown error"
      throw Self.unusable(path, "cannot be loaded: \(reason)")
    }
    guard let symbol = dlsym(library, "GetPjrtApi") else {
      throw Self.unusable(path, "is not a PJRT plugin: it has no symbol 'GetPjrtApi'")
    }
    let get = unsafeBitCast(symbol, to: PJRT_GetApi.self)
    guard let functions = get() else {
      throw Self.unusable(path, "is not a PJRT plugin: 'GetPjrtApi' returns nothing")
    }
    try self.init(path: path, functions: functions)
  }

  /// Takes the table of a plugin; checks its version before anything is called.
  init(path: String, functions: UnsafePointer<PJRT_Api>) throws(Failure) {
    self.path = path
    interface = try PJRTInterface(functions, of: path)
    var initialization = PJRT_Plugin_Initialize_Args()
    try interface.call("start the plugin '\(path)'", interface.plugin_initialize, &initialization)
    attributes = try Self.attributes(interface)
  }

  /// Major and minor version of the interface.
  public var version: String {
    let version = interface.functions.pointee.version
    return "\(version.major_version).\(version.minor_version)"
  }

  /// The version of StableHLO that the plugin was built with, such as `1.14.0`; nil if it does not say.
  public var stableHLOVersion: String? { attributes["stablehlo_current_version"] }

  private static func attributes(
    _ interface: PJRTInterface
  ) throws(Failure) -> [String: String] {
    var list = PJRT_Plugin_Attributes_Args()
    try interface.call("describe the plugin", interface.plugin_attributes, &list)
    var attributes: [String: String] = [:]
    for value in UnsafeBufferPointer(start: list.attributes, count: list.num_attributes) {
      attributes[String(bytes: value.name, count: value.name_size)] = value.text
    }
    return attributes
  }

  private static func unusable(_ path: String, _ fault: String) -> Failure {
    Failure(
      Diagnostic(
        .init(.device, "plugin"), "'\(path)' \(fault)", at: .none,
        help: "install a plugin by 'scripts/get-xla', or name another by '--device xla:PATH'"))
  }
}

extension PJRT_NamedValue {
  /// The value as text.
  fileprivate var text: String {
    switch Int(type) {
    case PJRT_NAMED_VALUE_STRING: String(bytes: string_value, count: value_size)
    case PJRT_NAMED_VALUE_INT64: "\(int64_value)"
    case PJRT_NAMED_VALUE_INT64_LIST:
      UnsafeBufferPointer(start: int64_array_value, count: value_size)
        .map { "\($0)" }.joined(separator: ".")
    case PJRT_NAMED_VALUE_FLOAT: "\(float_value)"
    case PJRT_NAMED_VALUE_BOOL: "\(bool_value)"
    // Later versions may have other types.
    default: ""
    }
  }
}
