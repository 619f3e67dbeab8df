import Diagnostics
import Glibc

/// Where a plugin is looked for.
///
/// In this order: the path after `--device xla:`, the environment variable `LMTC_PJRT_PLUGIN`, a folder `.xla` that
/// `scripts/get-xla` fills, in the working directory, the program's folder or one that contains either, and the
/// packages of installed Pythons.
public struct PluginSearch {
  /// The value of an environment variable; nil if it is not set.
  private let variable: (String) -> String?
  private let starts: [String]

  /// A search from the working directory and the program's folder, with the process's environment.
  public init() {
    self.init(
      variable: { name in getenv(name).map { String(cString: $0) } },
      starts: [
        realpath(".", nil).map { String(takingOver: $0) } ?? "/",
        realpath("/proc/self/exe", nil).map { String(takingOver: $0) } ?? "/",
      ])
  }

  /// A search with given variables; folders `.xla` are looked for in `starts` and above.
  init(variable: @escaping (String) -> String?, starts: [String]) {
    (self.variable, self.starts) = (variable, starts)
  }

  /// The plugin's path; throws ``Failure`` (`device.plugin`) where none is found.
  ///
  /// - Parameter path: the one that the user named; nil to search.
  public func path(named path: String?) throws(Failure) -> String {
    if let path { return try existing(path, "'--device'") }
    if let path = variable("LMTC_PJRT_PLUGIN"), !path.isEmpty {
      return try existing(path, "'LMTC_PJRT_PLUGIN'")
    }
    if let found = installed { return found }
    throw Failure(
      Diagnostic(
        .init(.device, "plugin"), "no PJRT plugin found for device 'xla'", at: .none,
        help: "install one by 'scripts/get-xla', or name one by '--device xla:PATH' or"
          + " 'LMTC_PJRT_PLUGIN'"))
  }

  /// The first plugin that is installed; nil if there is none.
  public var installed: String? {
    let local = starts.flatMap { Self.folders(above: $0) }
      .flatMap { folder in Self.localNames.map { "\(folder)/.xla/\($0)" } }
    let packages = pythonFolders.flatMap { folder in Self.packageNames.map { "\(folder)/\($0)" } }
    return (local + packages).first(where: Self.isReadable)
  }

  /// What `scripts/get-xla` installs; a GPU comes first where both are there.
  private static let localNames = ["cuda/xla_cuda_plugin.so", "cpu/pjrt_c_api_cpu_plugin.so"]

  /// The plugins of Python packages, GPUs and TPUs first.
  private static let packageNames = [
    "jax_plugins/xla_cuda13/xla_cuda_plugin.so", "jax_plugins/xla_cuda12/xla_cuda_plugin.so",
    "libtpu/libtpu.so", "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so",
    "fastatomstruct_xla_cpu/libpjrt_cpu.so",
  ]

  /// The folders that Pythons look for packages in: of an environment, the user's and the system's.
  private var pythonFolders: [String] {
    let listed = (variable("PYTHONPATH") ?? "").split(separator: ":").map(String.init)
    let prefixes = [
      variable("VIRTUAL_ENV"), variable("CONDA_PREFIX"), variable("HOME").map { $0 + "/.local" },
      "/usr/local", "/usr",
    ].compactMap { $0 }
    return listed
      + prefixes.flatMap { prefix in
        Self.names(in: "\(prefix)/lib").filter { $0.hasPrefix("python3") }.sorted().flatMap {
          ["\(prefix)/lib/\($0)/site-packages", "\(prefix)/lib/\($0)/dist-packages"]
        }
      }
  }

  private static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

  /// The names in a folder; none if it cannot be read.
  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  /// A folder and all that contain it.
  private static func folders(above path: String) -> [String] {
    let parts = path.split(separator: "/")
    return (0...parts.count).reversed().map { "/" + parts[..<$0].joined(separator: "/") }
  }

  private func existing(_ path: String, _ source: String) throws(Failure) -> String {
    guard Self.isReadable(path) else {
      throw Failure(
        Diagnostic(
          .init(.device, "plugin"), "there is no PJRT plugin '\(path)', which \(source) names",
          at: .none, help: "install one by 'scripts/get-xla'"))
    }
    // A name without a slash would be looked for in the system's library folders.
    return path.contains("/") ? path : "./" + path
  }
}

extension String {
  /// The text of memory from `malloc`, which is freed.
  fileprivate init(takingOver text: UnsafeMutablePointer<CChar>) {
    self.init(cString: text)
    free(text)
  }
}
