import Foundation
import Glibc
import Testing

/// OpenMP's idle threads sleep soon, without the user's doing and unless the user says otherwise.
@Suite struct ParkedThreadTests {
  /// Threads of a run while it trains with two, if they become `expected` in number.
  private static func threads(
    _ environment: [String: String?], expected: Int? = nil
  ) throws -> Int {
    let place = try Workplace()
    let unset: [String: String?] = ["GOMP_SPINCOUNT": nil, "OMP_WAIT_POLICY": nil]
    let process = try LMTCProcess(
      ["run", "spec.yaml", "--threads", "2", "--set", "train.epochs=40000", "--out", "run"],
      in: place.folder, environment: unset.merging(environment) { $1 })
    let isTraining = process.wait { place.contains("run/checkpoint.safetensors") }
    #expect(isTraining)
    if let expected { _ = process.wait { process.threadCount == expected } }
    let count = process.threadCount
    process.send(SIGKILL)
    _ = try process.outcome()
    return count
  }

  /// The second thread of the run's own team makes them one more than the cores.
  @Test func openMPHasMoreThreadsThanCores() throws {
    let usual = try Self.threads(["GOMP_SPINCOUNT": "1000"])
    #expect(try Self.threads(["OMP_WAIT_POLICY": "PASSIVE"], expected: usual) == usual)
    let expected = usual + max(2, ProcessInfo.processInfo.activeProcessorCount)
    #expect(try Self.threads([:], expected: expected) == expected)
  }
}
