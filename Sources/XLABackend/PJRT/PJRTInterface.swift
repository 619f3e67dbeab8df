import CPJRT
import Diagnostics

/// The functions of a plugin, which stay loaded as long as the process.
///
/// The table is constant and its functions may be called from any thread.
@dynamicMemberLookup
struct PJRTInterface: @unchecked Sendable {
  /// The table that the plugin returned.
  let functions: UnsafePointer<PJRT_Api>

  /// Takes a table whose version has the declared layout; throws ``Failure`` (`device.plugin-version`).
  init(_ functions: UnsafePointer<PJRT_Api>, of path: String) throws(Failure) {
    let version = functions.pointee.version
    let found = "\(version.major_version).\(version.minor_version)"
    let (major, minor) = (PJRT_MAJOR_VERSION, PJRT_MINIMUM_MINOR_VERSION)
    let required = "\(major).\(minor) or a later \(major).x"
    if Int(version.major_version) > major {
      throw Self.wrongVersion(path, required, found, "too new", "install an older plugin")
    }
    guard Int(version.major_version) == major, Int(version.minor_version) >= minor else {
      throw Self.wrongVersion(path, required, found, "too old", "install a newer plugin")
    }
    guard functions.pointee.struct_size >= MemoryLayout<PJRT_Api>.size else {
      throw Failure(
        Diagnostic(
          .init(.device, "plugin-version"),
          "the function table of '\(path)' must have at least \(MemoryLayout<PJRT_Api>.size)"
            + " bytes, found \(functions.pointee.struct_size)", at: .none,
          help: "install another plugin: 'scripts/get-xla'"))
    }
    self.functions = functions
  }

  private static func wrongVersion(
    _ path: String, _ required: String, _ found: String, _ fault: String, _ fix: String
  ) -> Failure {
    Failure(
      Diagnostic(
        .init(.device, "plugin-version"),
        "the plugin '\(path)' is \(fault): lmtc needs PJRT \(required), found \(found)", at: .none,
        help: "\(fix), for example by 'scripts/get-xla'"))
  }

  /// A member of the table.
  subscript<Member>(dynamicMember member: KeyPath<PJRT_Api, Member>) -> Member {
    functions.pointee[keyPath: member]
  }

  /// Calls a function with arguments of their size; an error of the plugin becomes a ``Failure``.
  ///
  /// - Parameters:
  ///   - activity: what fails, such as `compile the graph 'step'`.
  ///   - function: one of the table that takes these arguments.
  func call<Arguments: PJRTArguments>(
    _ activity: @autoclosure () -> String,
    _ function: PJRTFunction<Arguments>?, _ arguments: inout Arguments
  ) throws(Failure) {
    guard let function else {
      throw Failure(
        Diagnostic(
          .init(.device, "xla"), "XLA cannot \(activity()): the plugin lacks the function",
          at: .none))
    }
    arguments.struct_size = MemoryLayout<Arguments>.size
    guard let error = function(&arguments) else { return }
    throw failure(takeMessage(of: error), activity())
  }

  /// The same where an error has no consequence: when something is destroyed.
  func destroy<Arguments: PJRTArguments>(
    _ function: PJRTFunction<Arguments>?, _ arguments: Arguments
  ) {
    var arguments = arguments
    try? call("free memory", function, &arguments)
  }

  /// The first line names the fault; the plugin's other lines are notes.
  private func failure(_ message: String, _ activity: String) -> Failure {
    let lines = message.split(whereSeparator: \.isNewline).map {
      $0.trimming(while: \.isWhitespace)
    }
    return Failure(
      Diagnostic(
        .init(.device, "xla"), "XLA cannot \(activity): \(lines.first ?? "unknown error")",
        at: .none, notes: lines.dropFirst().filter { !$0.isEmpty }.map { .init(String($0)) }))
  }

  /// The text of an error, which is destroyed.
  private func takeMessage(of error: OpaquePointer) -> String {
    var message = PJRT_Error_Message_Args()
    message.struct_size = MemoryLayout<PJRT_Error_Message_Args>.size
    message.error = error
    functions.pointee.error_message?(&message)
    let text = String(bytes: message.message, count: message.message_size)
    var destruction = PJRT_Error_Destroy_Args()
    destruction.struct_size = MemoryLayout<PJRT_Error_Destroy_Args>.size
    destruction.error = error
    functions.pointee.error_destroy?(&destruction)
    return text
  }
}

/// A function of the table: it returns an error or nil.
typealias PJRTFunction<Arguments> = (UnsafeMutablePointer<Arguments>?) -> OpaquePointer?

/// A struct of arguments; zeros mean that a member is not used.
protocol PJRTArguments {
  init()
  /// Bytes of the struct.
  var struct_size: Int { get set }
}

extension PJRT_Plugin_Initialize_Args: PJRTArguments {}
extension PJRT_Plugin_Attributes_Args: PJRTArguments {}
extension PJRT_Event_Args: PJRTArguments {}
extension PJRT_Client_Create_Args: PJRTArguments {}
extension PJRT_Client_Destroy_Args: PJRTArguments {}
extension PJRT_Client_Text_Args: PJRTArguments {}
extension PJRT_Client_Devices_Args: PJRTArguments {}
extension PJRT_Client_Compile_Args: PJRTArguments {}
extension PJRT_Client_BufferFromHostBuffer_Args: PJRTArguments {}
extension PJRT_Buffer_Destroy_Args: PJRTArguments {}
extension PJRT_Buffer_Dimensions_Args: PJRTArguments {}
extension PJRT_Buffer_IsDeleted_Args: PJRTArguments {}
extension PJRT_Buffer_ToHostBuffer_Args: PJRTArguments {}
extension PJRT_Executable_Destroy_Args: PJRTArguments {}
extension PJRT_LoadedExecutable_Destroy_Args: PJRTArguments {}
extension PJRT_LoadedExecutable_GetExecutable_Args: PJRTArguments {}
extension PJRT_Executable_NumOutputs_Args: PJRTArguments {}
extension PJRT_LoadedExecutable_Execute_Args: PJRTArguments {}

extension String {
  /// UTF-8 text of a plugin; a null pointer gives the empty text.
  init(bytes: UnsafePointer<CChar>?, count: Int) {
    guard let bytes else {
      self = ""
      return
    }
    let raw = UnsafeRawBufferPointer(start: bytes, count: count)
    self = String(decoding: raw, as: UTF8.self)
  }
}

extension Substring {
  /// Without the characters at both ends that satisfy a condition.
  fileprivate func trimming(while condition: (Character) -> Bool) -> Substring {
    var text = drop(while: condition)
    while let last = text.last, condition(last) { text.removeLast() }
    return text
  }
}
