import CPJRT
import Diagnostics

/// A compiled program on the first device or devices; destroyed with its last reference.
final class PJRTExecutable {
  private let client: PJRTClient
  private let handle: OpaquePointer
  /// The name of the program, for messages.
  private let name: String
  /// How many tensors an execution returns on each device.
  let outputs: Int
  /// How many devices share an execution.
  private let devices: Int

  /// Takes over a compiled program; throws ``Failure`` where the plugin does not describe it.
  fileprivate init(
    _ handle: OpaquePointer, named name: String, devices: Int, of client: PJRTClient
  ) throws(Failure) {
    self.client = client
    self.handle = handle
    self.name = name
    self.devices = devices
    do throws(Failure) {
      outputs = try Self.outputs(of: handle, client.interface)
    } catch {
      Self.destroy(handle, client.interface)
      throw error
    }
  }

  deinit { Self.destroy(handle, client.interface) }

  private static func destroy(_ handle: OpaquePointer, _ interface: PJRTInterface) {
    var arguments = PJRT_LoadedExecutable_Destroy_Args()
    arguments.executable = handle
    interface.destroy(interface.loaded_executable_destroy, arguments)
  }

  private static func outputs(
    of handle: OpaquePointer, _ interface: PJRTInterface
  ) throws(Failure) -> Int {
    let activity = "describe the program"
    var description = PJRT_LoadedExecutable_GetExecutable_Args()
    description.loaded_executable = handle
    try interface.call(activity, interface.loaded_executable_get_executable, &description)
    var destruction = PJRT_Executable_Destroy_Args()
    destruction.executable = description.executable
    defer { interface.destroy(interface.executable_destroy, destruction) }
    var count = PJRT_Executable_NumOutputs_Args()
    count.executable = description.executable
    try interface.call(activity, interface.executable_num_outputs, &count)
    return count.num_outputs
  }

  /// Starts an execution; throws ``Failure`` where it cannot start, and its ends throw where it fails.
  ///
  /// Arguments that the program declares as donated are empty afterwards, and results take their memory.
  ///
  /// - Parameter arguments: for each device those of the program.
  /// - Returns: for each device its results and its end.
  func execute(
    _ arguments: [[PJRTBuffer]]
  ) throws(Failure) -> (results: [[PJRTBuffer]], ends: [PJRTEvent]) {
    precondition(
      arguments.count == devices && arguments.allSatisfy { $0.count == arguments[0].count })
    let operands: [OpaquePointer?] = arguments.flatMap { $0.map(\.handle) }
    var results = [OpaquePointer?](repeating: nil, count: devices * outputs)
    var ends = [OpaquePointer?](repeating: nil, count: devices)
    try operands.withUnsafeBufferPointer { operands throws(Failure) in
      try results.withUnsafeMutableBufferPointer { results throws(Failure) in
        try ends.withUnsafeMutableBufferPointer { ends throws(Failure) in
          try start(operands, results, ends)
        }
      }
    }
    // Arguments live until here: nothing may be destroyed while the plugin takes it over.
    withExtendedLifetime(arguments) {}
    let buffers = results.compactMap { $0 }.map { PJRTBuffer($0, of: client) }
    precondition(buffers.count == results.count, "the plugin returns a tensor for each result")
    return (
      (0..<devices).map { Array(buffers[$0 * outputs..<($0 + 1) * outputs]) },
      ends.compactMap { $0 }.map { PJRTEvent($0, of: client) }
    )
  }

  /// Calls the plugin; `operands` and `results` have those of the first device first.
  private func start(
    _ operands: UnsafeBufferPointer<OpaquePointer?>,
    _ results: UnsafeMutableBufferPointer<OpaquePointer?>,
    _ ends: UnsafeMutableBufferPointer<OpaquePointer?>
  ) throws(Failure) {
    let count = operands.count / devices
    let operandLists = (0..<devices).map { device in
      operands.baseAddress.map { $0 + device * count }
    }
    let resultLists = (0..<devices).map { device in
      results.baseAddress.map { $0 + device * outputs }
    }
    var options = PJRT_ExecuteOptions()
    options.struct_size = MemoryLayout<PJRT_ExecuteOptions>.size
    var call = PJRT_LoadedExecutable_Execute_Args()
    call.executable = handle
    call.num_devices = devices
    call.num_args = count
    call.device_complete_events = ends.baseAddress
    try withUnsafeMutablePointer(to: &options) { options throws(Failure) in
      try operandLists.withUnsafeBufferPointer { operands throws(Failure) in
        try resultLists.withUnsafeBufferPointer { results throws(Failure) in
          call.options = options
          call.argument_lists = operands.baseAddress
          call.output_lists = results.baseAddress
          try client.interface.call(
            "execute the graph '\(name)'", client.interface.loaded_executable_execute, &call)
        }
      }
    }
  }
}

extension PJRTClient {
  private func disabledFlags(devices: Int) -> [CompileOptions.Flag] {
    let version = interface.functions.pointee.version.minor_version
    // Earlier plugins need not know the flag.
    let warns = devices > 1 && version >= 112
    return (platform == "cpu" ? [.concurrency] : []) + (warns ? [.newerShardings] : [])
  }

  /// Compiles the text of an MLIR module in StableHLO; throws ``Failure`` (`device.xla`).
  ///
  /// - Parameters:
  ///   - name: of the graph, for messages.
  ///   - devices: how many share an execution, as the text's shardings say; at most those of the client.
  func compile(
    _ text: String, named name: String, devices: Int = 1
  ) throws(Failure) -> PJRTExecutable {
    let code = Array(text.utf8CString)
    let format = Array("mlir".utf8CString)
    let flags = disabledFlags(devices: devices)
    let options = CompileOptions(devices: devices, disabledFlags: flags).bytes
      .map { CChar(bitPattern: $0) }
    var arguments = PJRT_Client_Compile_Args()
    arguments.client = handle
    arguments.compile_options_size = options.count
    try code.withUnsafeBufferPointer { code throws(Failure) in
      try format.withUnsafeBufferPointer { format throws(Failure) in
        try options.withUnsafeBufferPointer { options throws(Failure) in
          var program = PJRT_Program()
          program.struct_size = MemoryLayout<PJRT_Program>.size
          program.code = code.baseAddress
          program.code_size = code.count - 1
          program.format = format.baseAddress
          program.format_size = format.count - 1
          arguments.compile_options = options.baseAddress
          try withUnsafePointer(to: &program) { program throws(Failure) in
            arguments.program = program
            try interface.call("compile the graph '\(name)'", interface.client_compile, &arguments)
          }
        }
      }
    }
    guard let executable = arguments.executable else {
      throw Failure(
        Diagnostic(.init(.device, "xla"), "XLA made no program and gave no reason", at: .none))
    }
    return try PJRTExecutable(executable, named: name, devices: devices, of: self)
  }
}
