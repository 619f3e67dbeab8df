import Diagnostics
import FileFixtures
import ModelIR
import MutationSupport
import Testing

@testable import FileFormats
@testable import Files

/// Seeded damage to valid files: nothing may crash, and every rejection must say where.
@Suite struct WeightsFuzzTests {
  static let valid: [String: [UInt8]] = [
    "safetensors": Safetensors.encode(SafetensorsTests.contents),
    "npz": zip([
      ("a.npy", npy(NPZTests.header, NPZTests.elements)),
      ("b.npy", npy(NPZTests.header, NPZTests.elements)),
    ]),
    "deflated npz": zip([("a.npy", npy(NPZTests.header, NPZTests.elements))], isDeflated: true),
  ]

  @Test(arguments: valid.keys.sorted(), 0..<10) func survivesMutations(kind: String, part: Int)
    throws
  {
    let bytes = try #require(Self.valid[kind])
    var mutations = ByteMutations(seed: UInt64(part), name: kind)
    for _ in 0..<150 {
      let mutated = mutations.mutate(bytes)
      if let fault = Self.rejection(mutated) {
        #expect(fault.hasPlace(in: mutated.count), "\(fault) \(mutated)")
      }
    }
  }

  private static func rejection(_ bytes: [UInt8]) -> Failure? {
    do throws(Failure) {
      _ = try WeightsFile.decode(bytes, path: "w")
      return nil
    } catch { return error }
  }
}

extension Failure {
  /// Whether there is a diagnostic and each has an offset within the file.
  fileprivate func hasPlace(in count: Int) -> Bool {
    !diagnostics.isEmpty
      && diagnostics.allSatisfy {
        guard case .file(_, let offset?) = $0.location else { return false }
        return (0...count).contains(offset)
      }
  }
}
