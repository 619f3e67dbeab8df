import Catalog
import ExampleNetworks
import Foundation
import MutationSupport
import Testing

@testable import TensorGraph
@testable import Verifier

/// Certificates are verified, and what was tampered with is refused at its place.
@Suite struct VerificationTests {
  static func network(_ layers: String, input: String = "[2, 4, 4]") -> String {
    Workplace.tiny.replacing(
      /network:\n(  .*\n)+/, with: "network:\n  input: \(input)\n  layers: [\(layers)]\n")
  }

  static let residual = network(
    """
    conv2d: {filters: 3, kernel: 3, padding: same}, relu, \
    residual: {branch: [conv2d: {filters: 3, kernel: 3, padding: same}, relu, \
    conv2d: {filters: 3, kernel: 3, padding: same}]}, relu, avg_pool: 2, flatten, dense: 3
    """)

  /// A chain of dense layers, best bounded as a whole.
  static let deep = network(
    "dense: 24, relu, dense: 24, relu, dense: 16, relu, dense: 3", input: "[4]")

  /// Layers and compositions together.
  static let networks = [
    Workplace.tiny, residual, deep,
    network("dense: 6, tanh, dense: 5, leaky_relu: 0.2, dense: 4, sigmoid, dense: 3", input: "[4]"),
    network(
      """
      normalize: {mean: [0.1, -0.2], std: [0.5, 2]}, conv2d: {filters: 4, kernel: 3, groups: 2}, \
      max_min, max_pool: {kernel: 2, stride: 1}, flatten, dense: 3
      """),
    network(
      """
      parallel: {branches: [[conv2d: {filters: 2, kernel: 3, stride: 2, padding: 1}, gelu], \
      [conv2d: {filters: 3, kernel: 2, stride: 2}, elu]], merge: concat}, scale: 0.7, \
      global_avg_pool, dense: 3
      """),
    network(
      """
      conv1d: {filters: 4, kernel: 5, stride: 2, padding: 2}, softplus, dropout: 0.3, \
      conv1d: {filters: 2, kernel: 3, dilation: 2}, silu, flatten, dense: {units: 3, bias: false}
      """, input: "[2, 16]"),
    network(
      """
      zero_pad: 1, depthwise: {kernel: 3, multiplier: 2}, batch_norm, group_sort: 2, upsample: 2, \
      crop: 1, maxout: 2, flatten, dense: 3
      """),
    network(
      "dense: 5, hard_tanh, identity, dense: 4, mish, dense: 4, abs, dense: 4, hard_sigmoid, dense: 3",
      input: "[6]"),
    network(
      """
      conv_transpose: {filters: 4, kernel: 3, stride: 2, padding: 1, output_padding: 1, groups: 2}, \
      prelu, pixel_unshuffle: 2, center: channels, lp_pool: 2, pixel_shuffle: 2, selu, flatten, dense: 3
      """),
    network(
      """
      conv2d: {filters: 4, kernel: 3, padding: same}, group_norm: {groups: 2, epsilon: 1}, \
      lp_pool: {kernel: 2, stride: 1, p: 1}, prelu: {shared: true, slope: -0.5}, \
      instance_norm: {epsilon: 0.5, affine: true}, center: positions, softmax, flatten, dense: 3
      """),
    network(
      """
      residual: {branch: [conv2d: {filters: 2, kernel: 3, padding: same}], convex: learnt}, \
      lp_pool: {kernel: 3, stride: 1, padding: 1}, flatten, layer_norm: {epsilon: 2}, center, dense: 6, \
      softmax, reshape: [3, 2], flatten, dense: 3
      """),
    network("dense: 3, normalize: {mean: [20, 20.5, 21], std: 1}", input: "[4]"),
  ]

  /// For every kind of layer a network with all its examples.
  static func examples(of kind: String) throws -> String {
    let type = try #require(Catalog.layers.first { $0.kind == kind })
    return network(
      String(ExampleNetwork(type).layers().dropFirst().dropLast()),
      input: "\(ExampleNetwork.input)")
  }

  static let kinds = Catalog.layers.map { $0.kind }

  @Test(arguments: kinds) func examplesAreVerified(_ kind: String) throws {
    let refusal = try CertifiedRun(Self.examples(of: kind)).refusal()
    #expect(refusal == nil, "\(String(describing: refusal))")
  }

  @Test(arguments: networks.indices) func certificatesAreVerified(_ index: Int) throws {
    let run = try CertifiedRun(Self.networks[index])
    let refusal = try run.refusal()
    #expect(refusal == nil, "\(String(describing: refusal))")
    #expect(try run.text.contains(/"radius": 0\.0*[1-9]/), "no point has a radius")
  }

  /// A bound that is too small by a thousandth is refused at its own entry.
  @Test(arguments: ["constant", "bound", "norm"])
  func boundsThatAreTooSmallAreRefused(_ key: String) throws {
    let run = try CertifiedRun(Self.residual)
    let refusal = try run.refusal(changing: key, after: "\"conv2d_2\"") { $0 * 0.999 }
    #expect(refusal?.kind == .refuted)
    #expect(refusal?.place.path?.hasSuffix(key) == true && refusal?.place.line != nil)
  }

  /// So is a layer's own constant, whatever it is derived from, and half an error of rounding.
  @Test(arguments: [
    (9, ["conv_transpose_1", "prelu_1", "center_1", "lp_pool_1", "pixel_shuffle_1", "selu_1"]),
    (10, ["group_norm_1", "lp_pool_1", "prelu_1", "instance_norm_1", "center_1", "softmax_1"]),
    (11, ["gate_1", "layer_norm_1"]),
  ])
  func constantsThatAreTooSmallAreRefused(_ index: Int, _ layers: [String]) throws {
    let run = try CertifiedRun(Self.networks[index])
    for layer in layers {
      let refusal = try run.refusal(changing: "constant", after: "\"\(layer)\"") { $0 * 0.999 }
      #expect(
        refusal?.kind == .refuted && refusal?.place.path?.hasSuffix("constant") == true, "\(layer)")
    }
    let error = try run.refusal(changing: "error", after: "\"points\"") { $0 * 0.5 }
    #expect(error?.place.path?.hasSuffix(".error") == true)
    #expect(try run.refusal() == nil)
  }

  @Test func chainsAreRefusedWithOtherNumbers() throws {
    let run = try CertifiedRun(Self.deep)
    #expect(try run.refusal() == nil)
    let norm = try run.refusal(changing: "norm", after: "\"eclipse\"") { $0 * 0.999 }
    #expect(norm?.place.path?.hasSuffix("].chain.norm") == true)
    let text = try run.text
    try run.write(text.replacing(/"multipliers": \[[^\]]*\]/, with: "\"multipliers\": [1e3]"))
    #expect(try run.refusal()?.kind == .refuted)
    try run.write(text.replacing(/"multipliers": \[[^\]]*\]/, with: "\"multipliers\": []"))
    #expect(try run.refusal()?.kind == .refuted)
  }

  /// One number for each neuron, and constants that they prove.
  @Test func multipliersAreRefusedWithOtherNumbers() throws {
    let run = try CertifiedRun(
      Self.network("dense: 8, max_min, dense: 6, abs, dense: 3", input: "[4]"))
    #expect(try run.refusal() == nil)
    let text = try run.text
    #expect(text.contains("\"outputs\": [1, 0]"))
    let norm = try run.refusal(changing: "norm", after: "\"region\"") { $0 * 0.999 }
    #expect(norm?.place.path?.hasSuffix("].region.norm") == true)
    let pair = try run.refusal(changing: "norm", after: "\"outputs\"") { $0 * 0.9 }
    #expect(pair?.place.path?.hasSuffix("].norm") == true)
    for numbers in ["", "1", "1, 1, 1, 1, 1, 1, 1, 1, 1, -1", "9, 9, 9, 9, 9, 9, 9, 9, 9, 9"] {
      try run.write(
        text.replacing(/"multipliers": \[[^\]]*\]/, with: "\"multipliers\": [\(numbers)]"))
      #expect(try run.refusal() != nil, "\(numbers)")
    }
    try run.write(text)
    #expect(try run.refusal() == nil)
  }

  /// Convolutions with more neurons than have multipliers of their own, one number for each channel.
  @Test func multipliersOfChannelsAreRefusedWithOtherNumbers() throws {
    let run = try CertifiedRun(
      Self.network(
        "conv2d: {filters: 9, kernel: 3, padding: 1}, relu, flatten, dense: 6, relu, dense: 3",
        input: "[1, 16, 16]"))
    #expect(try run.refusal() == nil)
    let text = try run.text
    #expect(text.contains("\"front\""))
    for numbers in ["", "1", "1, 1, 1, 1, 1, 1, 1, 1, -1", "9, 9, 9, 9, 9, 9, 9, 9, 9"] {
      try run.write(
        text.replacing(
          /"layer": "relu_1",\s*"multipliers": \[[^\]]*\]/,
          with: "\"layer\": \"relu_1\", \"multipliers\": [\(numbers)]"))
      #expect(try run.refusal() != nil, "\(numbers)")
    }
    for (right, wrong) in [
      (#""to": "dense_1""#, #""to": "dense_2""#), (#""from": "input""#, #""from": "conv2d_1""#),
    ] {
      try run.write(text.replacing(right, with: wrong))
      #expect(try run.refusal()?.kind == .refuted, "\(wrong)")
    }
    try run.write(text)
    #expect(try run.refusal() == nil)
  }

  /// A layer without a bound claims nothing, and so does all that depends on it.
  @Test func unboundedLayersAreVerified() throws {
    let spec = Self.network("dense: 4, batch_norm, relu, dense: 3", input: "[4]")
    let run = try CertifiedRun(spec) { trained in
      var weights = trained
      weights["batch_norm_1.running_var"] = HostTensor([4], [1, -1, 1, 1])
      return weights
    }
    let text = try run.text
    #expect(text.contains("\"constant\": null") && text.contains("\"bound\": null"))
    #expect(try run.refusal() == nil)
    for key in ["constant", "bound"] {
      try run.write(text.replacing("\"\(key)\": null", with: "\"\(key)\": 1e300"))
      #expect(try run.refusal()?.place.path == "layers[1].\(key)")
    }
    try run.write(text.replacing("\"radius\": 0.0", with: "\"radius\": 1e-300"))
    #expect(try run.refusal()?.place.path == "points[0].radius")
  }

  @Test func aPairThatIsTooSmallIsRefused() throws {
    let run = try CertifiedRun()
    let text = try run.text
    let row = try #require(text.firstMatch(of: /"pairs": \[\s*\[\],\s*\[([0-9.e-]+)\]/))
    let number = try #require(Double(row.output.1))
    var changed = text
    changed.replaceSubrange(
      row.output.1.startIndex..<row.output.1.endIndex, with: "\(number * 0.999)")
    try run.write(changed)
    #expect(try run.refusal()?.place.path == "pairs[1][0]")
  }

  @Test func aRadiusThatIsLargerInItsLastDigitIsRefused() throws {
    let run = try CertifiedRun()
    let refusal = try run.refusal(changing: "radius", after: "\"points\"") { $0.nextUp }
    #expect(refusal?.kind == .refuted)
    #expect(refusal?.place.path?.hasSuffix("].radius") == true)
    #expect(try run.refusal() == nil)
  }

  /// Numbers of one point that fit each other but not the network.
  @Test func forgedMarginsAndErrorsAreRefused() throws {
    let run = try CertifiedRun()
    let margin = try run.refusal(changing: "margin", after: "\"points\"") { $0 * 1.001 }
    #expect(margin?.place.path?.hasSuffix(".margin") == true)
    let error = try run.refusal(changing: "error", after: "\"points\"") { $0 * 0.5 }
    #expect(error?.place.path?.hasSuffix(".error") == true)
    for key in ["label", "predicted", "index"] {
      let refusal = try run.refusal(changing: key, after: "\"points\"") { Double(Int($0) - 1) }
      #expect(refusal != nil, "\(key)")
    }
  }

  @Test(arguments: [
    ("spec", "spec.resolved.yaml"), ("weights", "model.safetensors"), ("test", "test.safetensors"),
  ])
  func changedFilesAreRefused(_ key: String, _ file: String) throws {
    let run = try CertifiedRun()
    try run.damage(file) { $0 - 3 }
    let refusal = try run.refusal()
    #expect(refusal?.kind == .refuted && refusal?.place.path == key + ".sha256")
  }

  /// A forger who brings digests up to date still meets the bounds and margins.
  @Test func resealedForgeriesAreRefused() throws {
    let run = try CertifiedRun()
    let weights = try run.place.bytes("run/model.safetensors")
    var changed = weights
    // The signs of the last layer's weights.
    for place in stride(from: weights.count - 1, to: weights.count - 96, by: -4) {
      changed[place] ^= 0x80
    }
    try run.write(changed, "model.safetensors")
    try run.seal("weights", "model.safetensors")
    let refusal = try run.refusal()
    #expect(refusal?.kind == .refuted, "\(String(describing: refusal))")
    try run.write(weights, "model.safetensors")
    try run.seal("weights", "model.safetensors")
    #expect(try run.refusal() == nil)

    let spec = try run.place.text("run/spec.resolved.yaml")
    for replaced in [
      "tanh", "leaky_relu: {name: relu_1, slope: 3}", "warp", "relu: {name: relu_1, ceiling: 6}",
    ] {
      let line = replaced.contains("{") ? replaced : replaced + ": {name: relu_1}"
      let other = spec.replacing("relu: {name: relu_1}", with: line)
      #expect(other != spec)
      try run.place.write(other, to: "run/spec.resolved.yaml")
      try run.seal("spec", "spec.resolved.yaml")
      #expect(try run.refusal()?.kind == .refuted, "\(replaced)")
    }
    for (old, new) in [
      ("relu: {name: relu_1}", "elu: {name: relu_1, alpha: -50}"),
      ("relu: {name: relu_1}", "lp_pool: {name: relu_1, kernel: 1, stride: 1, padding: 0, p: 7}"),
      ("lmt: 1\n", "lmt: 99\n"), ("network:\n", "network:\n  scale: 2\n"),
    ] {
      let other = spec.replacing(old, with: new)
      #expect(other != spec)
      try run.place.write(other, to: "run/spec.resolved.yaml")
      try run.seal("spec", "spec.resolved.yaml")
      #expect(try run.refusal()?.kind == .malformed, "\(new)")
    }
  }

  /// A small file must not ask for a table of all pairs of very many logits.
  @Test func tooManyLogitsAreRefused() throws {
    let run = try CertifiedRun()
    let spec = try run.place.text("run/spec.resolved.yaml")
    let head = try #require(spec.split(separator: "\n").first { $0.contains("dense_2") })
    let layers = [
      "reshape: {name: r, shape: [3, 1, 1]}", "zero_pad: {name: z, padding: 40}",
      "flatten: {name: f}",
    ]
    let more = layers.map { "\n    - \($0)" }.joined()
    try run.place.write(spec.replacing(head, with: head + more), to: "run/spec.resolved.yaml")
    try run.seal("spec", "spec.resolved.yaml")
    let refusal = try #require(try run.refusal())
    #expect(refusal.kind == .malformed && "\(refusal)".contains("2 to 4096"), "\(refusal)")
  }

  @Test func theCommandSaysWhatItFound() throws {
    let run = try CertifiedRun()
    let good = try run.place.lmtc("verify", "run/certificate.json", "--sample", "5", "--json")
    let report = try document(good.output)
    #expect(good.code == 0 && report["verified"] as? Bool == true)
    #expect(report["checked"] as? Int == 5 && report["points"] as? Int == 30)

    let text = try run.text
    try run.write(text.replacing("\"format\": 1", with: "\"format\": 2"))
    #expect(try run.place.lmtc("verify", "run/certificate.json").code == 65)
    try run.write(String(text.dropLast(40)))
    let cut = try run.place.lmtc("verify", "run/certificate.json")
    #expect(cut.code == 65 && cut.errors.contains("certificate.json:"), "\(cut.errors)")
    try run.write(text.replacing("\"model.safetensors\"", with: "\"../run/model.safetensors\""))
    #expect(try run.place.lmtc("verify", "run/certificate.json").code == 65)
    try run.write(text.replacing("\"predicted\": 1", with: "\"predicted\": 2"))
    let wrong = try run.place.lmtc("verify", "run/certificate.json")
    #expect(wrong.code == 3 && wrong.errors.contains("points["), "\(wrong.errors)")
    #expect(try run.place.lmtc("verify", "run/nothing.json").code == 66)
  }

  /// Whatever the bytes, the checker comes to an end with an answer.
  @Test func damagedCertificatesAreAnswered() throws {
    let run = try CertifiedRun(Self.residual)
    let bytes = Array(try run.text.utf8)
    var mutations = ByteMutations(seed: 7, name: "certificate")
    var refused = 0
    for _ in 0..<150 {
      try run.write(mutations.mutate(bytes), "certificate.json")
      if try run.refusal(sample: 3) != nil { refused += 1 }
    }
    // Some changes touch only blanks or numbers that are made worse.
    #expect(refused > 100)
  }

  @Test func linksBesideACertificateAreNotFollowed() throws {
    let run = try CertifiedRun()
    let model = run.place.folder.appendingPathComponent("run/model.safetensors")
    let other = run.place.folder.appendingPathComponent("elsewhere.safetensors")
    try FileManager.default.moveItem(at: model, to: other)
    try FileManager.default.createSymbolicLink(at: model, withDestinationURL: other)
    #expect(try run.refusal()?.kind == .missing)
  }
}
