import CPJRT
import Diagnostics
import Testing

@testable import XLABackend

/// Tables of functions as a plugin returns them, without a plugin.
struct InterfaceTests {
  @Test(arguments: [(0, 60), (0, 115), (0, 500)])
  func takesVersionsWithTheDeclaredLayout(_ major: Int, _ minor: Int) throws {
    let plugin = try load(major, minor)
    #expect(plugin.version == "\(major).\(minor)")
    #expect(plugin.attributes == ["xla_version": "2", "stablehlo_current_version": "1.14.0"])
    #expect(plugin.stableHLOVersion == "1.14.0")
  }

  @Test(arguments: [
    (0, 59, "too old", "install a newer plugin"), (0, 33, "too old", "install a newer plugin"),
    (1, 0, "too new", "install an older plugin"), (-1, 70, "too old", "install a newer plugin"),
  ])
  func refusesOtherVersions(_ major: Int, _ minor: Int, _ fault: String, _ fix: String) throws {
    let failure = #expect(throws: Failure.self) { try load(major, minor) }
    let diagnostic = try #require(failure?.diagnostics.first)
    #expect("\(diagnostic.id)" == "device.plugin-version")
    #expect(
      diagnostic.message == "the plugin '/plugin.so' is \(fault): lmtc needs PJRT 0.60 or a later"
        + " 0.x, found \(major).\(minor)")
    #expect(diagnostic.help?.hasPrefix(fix) == true)
    #expect(ExitCode(for: [diagnostic]) == .noDevice)
  }

  @Test func refusesAShorterTable() throws {
    let failure = #expect(throws: Failure.self) {
      try load(0, 60, size: MemoryLayout<PJRT_Api>.size - 8)
    }
    let message = failure?.diagnostics.first?.message ?? ""
    #expect(message.hasPrefix("the function table of '/plugin.so' must have at least 608 bytes"))
  }

  @Test func refusesATableWithoutAFunction() throws {
    let failure = #expect(throws: Failure.self) { try load(0, 60) { $0.plugin_initialize = nil } }
    let message = failure?.diagnostics.first?.message ?? ""
    #expect(message.hasSuffix("the plugin lacks the function"))
  }

  @Test func aFileThatIsNoPluginIsADiagnostic() throws {
    for path in ["/proc/self/status", "/no/such/plugin.so"] {
      let failure = #expect(throws: Failure.self) { try PJRTPlugin(path: path) }
      let diagnostic = try #require(failure?.diagnostics.first)
      #expect("\(diagnostic.id)" == "device.plugin")
      #expect(diagnostic.message.hasPrefix("'\(path)' cannot be loaded: "))
    }
    let failure = #expect(throws: Failure.self) { try PJRTPlugin(path: "libz.so.1") }
    #expect(failure?.diagnostics.first?.message.contains("has no symbol 'GetPjrtApi'") == true)
  }

  /// Field 3 with three integers, or four for several devices, as `protoc` encodes them.
  @Test func compileOptionsAreEncoded() {
    let ordinal: [UInt8] = [8] + Array(repeating: 0xff, count: 9) + [1]
    #expect(CompileOptions().bytes == [26, 15] + ordinal + [32, 1, 40, 1])
    let several = CompileOptions(devices: 200).bytes
    #expect(several == [26, 21] + ordinal + [32, 1, 40, 200, 1, 48, 1, 152, 1, 1])
    // Field 7 with an entry of a map: the flag's name, and field 2 with `false`.
    let flag = Array("xla_cpu_enable_concurrency_optimized_scheduler".utf8)
    let serial = CompileOptions(disabledFlags: [.concurrency]).bytes
    #expect(
      serial == CompileOptions().bytes + [58, 52, 10, 46] + flag + [18, 2, 16, 0], "\(serial)")
  }

  /// A plugin whose table has a version and answers as a plugin does before a client is made.
  private func load(
    _ major: Int, _ minor: Int, size: Int = MemoryLayout<PJRT_Api>.size + 64,
    change: (inout PJRT_Api) -> Void = { _ in }
  ) throws -> PJRTPlugin {
    var table = PJRT_Api()
    table.struct_size = size
    table.version.major_version = Int32(major)
    table.version.minor_version = Int32(minor)
    table.plugin_initialize = { _ in nil }
    table.plugin_attributes = { arguments in
      arguments?.pointee.attributes = UnsafePointer(attributes)
      arguments?.pointee.num_attributes = 2
      return nil
    }
    change(&table)
    // As a plugin's table, it is there as long as the process.
    let memory = UnsafeMutablePointer<PJRT_Api>.allocate(capacity: 1)
    memory.initialize(to: table)
    return try PJRTPlugin(path: "/plugin.so", functions: memory)
  }
}

/// `xla_version = 2` and `stablehlo_current_version = [1, 14, 0]`.
nonisolated(unsafe) private let attributes: UnsafeMutablePointer<PJRT_NamedValue> = {
  let values = UnsafeMutablePointer<PJRT_NamedValue>.allocate(capacity: 2)
  values.initialize(repeating: PJRT_NamedValue(), count: 2)
  let version = UnsafeMutablePointer<Int64>.allocate(capacity: 3)
  for (index, number) in [1, 14, 0].enumerated() { version[index] = Int64(number) }
  values[0].set(name: "xla_version", type: PJRT_NAMED_VALUE_INT64, count: 1)
  values[0].int64_value = 2
  values[1].set(
    name: "stablehlo_current_version", type: PJRT_NAMED_VALUE_INT64_LIST, count: 3)
  values[1].int64_array_value = UnsafePointer(version)
  return values
}()

extension PJRT_NamedValue {
  fileprivate mutating func set(name: StaticString, type: Int, count: Int) {
    self.name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    name_size = name.utf8CodeUnitCount
    self.type = Int32(type)
    value_size = count
  }
}
