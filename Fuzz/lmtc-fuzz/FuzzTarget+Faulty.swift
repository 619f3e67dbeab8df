import Foundation

extension FuzzTarget {
  /// Readers with one fault each, which the harness has to notice before its silence means anything.
  static let faulty = [
    faulty("crash") { _ in preconditionFailure("on purpose") },
    faulty("hang") { _ in while true { sleep(1) } },
    // Never touched, so no memory in use tells of it.
    faulty("memory") { _ in
      UnsafeMutableRawPointer.allocate(byteCount: 1 << 30, alignment: 8).deallocate()
    },
    faulty("litter") { folder in
      try Data([1]).write(to: URL(filePath: folder + "/../litter"))
    },
  ]

  /// The fault shows in every file but the seed.
  private static func faulty(
    _ name: String, _ fault: @escaping @Sendable (_ folder: String) throws -> Void
  ) -> FuzzTarget {
    let seed: [UInt8] = [1, 2, 3]
    return FuzzTarget(name: "fault: " + name, seeds: [seed], file: "file") { folder in
      if try Data(contentsOf: URL(filePath: folder + "/file")) != Data(seed) { try fault(folder) }
    }
  }
}
