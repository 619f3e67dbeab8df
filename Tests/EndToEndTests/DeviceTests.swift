import Foundation
import Testing
import XLABackend

/// Runs of the program on XLA, where a plugin is installed.
@Suite(
  .enabled(
    if: PluginSearch().isSuccessful, "no PJRT plugin: install one by scripts/get-xla"))
struct DeviceTests {
  /// Batch normalization, a convolution and pools, so that the step has all kinds of kernels.
  private static let spec = """
    lmt: 1
    name: tiny
    data: {format: synthetic, samples: 60, test_samples: 30, noise: 0.2, classes: 3}
    network:
      input: [16]
      layers:
        - reshape: [1, 4, 4]
        - conv2d: {filters: 4, kernel: 3, padding: 1}
        - batch_norm
        - relu
        - max_pool: 2
        - flatten
        - dense: 3
    train: {loss: {lmt: {c: 0.2}}, epochs: 3, batch: 16}
    certify: {radii: [0.1]}

    """

  @Test(arguments: [1, 4]) func aRunOnXLALearnsAsOneOnTheCPU(_ devices: Int) throws {
    let place = try Workplace(Self.spec)
    let cpu = try place.lmtc("run", "spec.yaml", "--out", "cpu", "--quiet")
    let xla = try place.lmtc(
      "run", "spec.yaml", "--device", "xla", "--devices", "\(devices)", "--out", "xla", "--quiet")
    #expect(cpu.code == 0 && xla.code == 0, "\(xla.errors)")
    // XLA's own messages have the name of a file of its source.
    #expect(!xla.errors.contains(".cc:"), "\(xla.errors)")
    try expectMetrics(of: place, "cpu", "xla", within: 2e-5)
    let verdict = try place.lmtc("verify", "xla/certificate.json")
    #expect(verdict.code == 0, "\(verdict.errors)")
    let device = devices == 1 ? "xla" : "xla, \(devices) devices"
    #expect(try place.text("xla/result.json").contains(#""device": "\#(device)""#))
  }

  /// With bfloat16 a rounding of nearly equal numbers may go different ways; without TF32 the step is that of float32.
  @Test func theKeyOfPrecisionHoldsOnXLA() throws {
    let place = try Workplace(Self.spec)
    for (out, precision, device) in [
      ("float32", "float32", "xla"), ("tf32", "tf32", "xla"), ("narrow", "bfloat16", "xla"),
      ("cpu", "bfloat16", "cpu"),
    ] {
      let outcome = try place.lmtc(
        "run", "spec.yaml", "--device", device, "--out", out, "--set",
        "train.precision=\(precision)")
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    try expectMetrics(of: place, "float32", "tf32", within: 0)
    try expectMetrics(of: place, "cpu", "narrow", within: 0.02)
    #expect(try place.metrics(of: "narrow") != place.metrics(of: "float32"))
  }

  /// Rounding errors of 2⁻²⁴ grow over the twelve steps of Adam.
  private func expectMetrics(
    of place: Workplace, _ one: String, _ other: String, within tolerance: Double
  ) throws {
    let (cpu, xla) = (try place.metrics(of: one), try place.metrics(of: other))
    #expect(cpu.count == 3 && xla.count == 3)
    for (wanted, found) in zip(cpu, xla) {
      #expect(wanted.keys == found.keys)
      for (key, value) in wanted {
        let other = try #require(found[key])
        #expect(abs(value - other) <= tolerance * max(1, abs(value)), "\(key): \(value), \(other)")
      }
    }
  }

  @Test func aCheckpointMovesBetweenDevices() throws {
    let place = try Workplace(Self.spec)
    let first = try place.lmtc(
      "run", "spec.yaml", "--set", "train.epochs=1", "--device", "xla", "--out", "moved", "--quiet")
    #expect(first.code == 0, "\(first.errors)")
    let weights = try place.bytes("moved/model.safetensors")
    // The same weights have the same certificate, whatever the device.
    for device in ["cpu", "xla"] {
      let outcome = try place.lmtc(
        "certify", "spec.yaml", "--weights", "moved/model.safetensors", "--device", device,
        "--out", device, "--quiet")
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    #expect(try place.bytes("cpu/model.safetensors") == weights)
    #expect(try place.bytes("cpu/certificate.tsv") == place.bytes("xla/certificate.tsv"))
  }
}

extension PluginSearch {
  fileprivate var isSuccessful: Bool { (try? path(named: nil)) != nil }
}
