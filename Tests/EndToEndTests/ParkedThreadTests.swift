import Foundation
import Glibc
import Testing

/// OpenMP's idle threads sleep soon, without the user's doing and unless the user says otherwise.
@Suite struct ParkedThreadTests {
  /// Parked threads of a run that trains with two, as soon as they are `expected` in number.
  private static func parkedThreads(
    _ environment: [String: String?], expected: Int
  ) throws -> Int {
    let place = try Workplace()
    let unset: [String: String?] = ["GOMP_SPINCOUNT": nil, "OMP_WAIT_POLICY": nil]
    let process = try LMTCProcess(
      ["run", "spec.yaml", "--threads", "2", "--set", "train.epochs=40000", "--out", "run"],
      in: place.folder, environment: unset.merging(environment) { $1 })
    let isTraining = process.wait { place.contains("run/checkpoint.safetensors") }
    #expect(isTraining)
    var count = 0
    _ = process.wait {
      count = process.threadCount(named: "lmtc-parked")
      return count == expected
    }
    process.send(SIGKILL)
    _ = try process.outcome()
    return count
  }

  /// With the second thread of the run's own team they are one more than the cores.
  @Test func openMPHasMoreThreadsThanCores() throws {
    let expected = max(2, ProcessInfo.processInfo.activeProcessorCount)
    #expect(try Self.parkedThreads([:], expected: expected) == expected)
  }

  @Test(arguments: ["GOMP_SPINCOUNT": "1000", "OMP_WAIT_POLICY": "PASSIVE"])
  func theUserSaysHowThreadsWait(_ variable: String, _ value: String) throws {
    #expect(try Self.parkedThreads([variable: value], expected: 0) == 0)
  }
}
