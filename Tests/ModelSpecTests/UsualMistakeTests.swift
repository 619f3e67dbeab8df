import Compiler
import Diagnostics
import Testing

/// A mistake that users of PyTorch and Keras, or beginners with YAML, make: what they write, and the place and the
/// fix that they are told.
struct UsualMistake: CustomTestStringConvertible, Sendable {
  let written: String
  let spec: String
  /// Line and column.
  let place: String
  /// Part of the help.
  let fix: String

  var testDescription: String { written }

  /// A spec of ten lines in which one part is replaced; the layers are lines 7 and 8, training is line 9.
  private init(
    _ written: String, instead part: Part, _ text: String, _ place: String, _ fix: String
  ) {
    self.written = written
    (self.place, self.fix) = (place, fix)
    let texts = Part.allCases.map { $0 == part ? text : $0.standard }
    spec = texts.joined(separator: "\n") + "\n"
  }

  private enum Part: CaseIterable {
    case head, data, network, input, layers, train, rest

    var standard: String {
      switch self {
      case .head: "lmt: 1\nname: mistake"
      case .data: "data: {format: synthetic, distribution: digits}"
      case .network: "network:"
      case .input: "  input: [1, 28, 28]"
      case .layers: "  layers:\n    - flatten\n    - dense: 10"
      case .train: "train: {loss: cross_entropy}"
      case .rest: "certify: {radii: [0.1]}"
      }
    }
  }

  private static func layer(
    _ text: String, _ column: Int, _ fix: String, line: Int = 7
  ) -> UsualMistake {
    UsualMistake(
      text, instead: .layers, "  layers:\n    - \(text)\n    - flatten\n    - dense: 10",
      "\(line):\(column)", fix)
  }

  private static func train(_ text: String, _ column: Int, _ fix: String) -> UsualMistake {
    UsualMistake(text, instead: .train, "train: {\(text)}", "9:\(column)", fix)
  }

  private static func rest(_ text: String, _ column: Int, _ fix: String) -> UsualMistake {
    UsualMistake(text, instead: .rest, text, "10:\(column)", fix)
  }

  static let all: [UsualMistake] = [
    layer("linear: 10", 7, "in lmtc this is 'dense'"),
    layer("fc: 10", 7, "in lmtc this is 'dense'"),
    layer("Conv2d: {filters: 8, kernel: 3}", 7, "did you mean 'conv2d'?"),
    layer("MaxPool2d: 2", 7, "in lmtc this is 'max_pool'"),
    layer("BatchNorm2d", 7, "in lmtc this is 'batch_norm'"),
    layer("ReLU", 7, "did you mean 'relu'?"),
    layer("conv2d: {filters: 8, kernel_size: 3}", 28, "in lmtc this is 'kernel'"),
    layer("conv2d: {out_channels: 8, kernel: 3}", 16, "in lmtc this is 'filters'"),
    layer("conv2d: {in_channels: 1, filters: 8, kernel: 3}", 16, "leave it out"),
    layer("conv2d: {filters: 8, kernel: 3, strides: 2}", 39, "in lmtc this is 'stride'"),
    layer("dropout: {p: 0.5}", 17, "in lmtc this is 'rate'"),
    layer("dense: {out_features: 10}", 15, "in lmtc this is 'units'"),
    layer("dense: {units: 10, activation: relu}", 26, "a layer of its own"),
    layer("dense: {units: 10, use_bias: false}", 26, "in lmtc this is 'bias'"),
    train("loss: CrossEntropyLoss", 15, "in lmtc this is 'cross_entropy'"),
    train("loss: cross_entropy, lr: 0.1", 30, "a key of the optimizer"),
    train("loss: cross_entropy, batch_size: 32", 30, "in lmtc this is 'batch'"),
    train("loss: cross_entropy, num_epochs: 3", 30, "in lmtc this is 'epochs'"),
    train(
      "loss: cross_entropy, optimizer: {adam: {lr: 0.1}}", 49, "in lmtc this is 'learning_rate'"),
    train("loss: {lmt: {c: ${c}}}", 26, "needs quotes"),
    rest("certify: {norm: linf}", 11, "radii are ℓ2"),
    rest("certify: {eps: [0.1]}", 11, "in lmtc this is 'radii'"),
    rest("require: [clean_accuracy >= 90%]", 31, "write 10% as 0.1"),
    rest("require: [clean_accuracy >= 90]", 29, "write 80 % as 0.8"),
    rest("seed: 3", 1, "a key of 'train'"),
    UsualMistake("1x28x28", instead: .input, "  input: 1x28x28", "5:10", "write '[1, 28, 28]'"),
    UsualMistake(
      "[28, 28, 1]", instead: .input, "  input: [28, 28, 1]", "5:10", "write '[1, 28, 28]'"),
    UsualMistake(
      "a tab", instead: .layers, "  layers:\n\t- dense: 10", "7:1", "spaces, not tabs"),
    UsualMistake(
      "softmax at the end", instead: .layers,
      "  layers:\n    - flatten\n    - dense: 10\n    - softmax", "9:7", "remove it"),
    UsualMistake(
      "one logit for two classes", instead: .layers, "  layers:\n    - flatten\n    - dense: 1",
      "8:7",
      "a spec without 'data' and 'train' may have one output"),
    UsualMistake(
      "too many logits", instead: .layers, "  layers:\n    - flatten\n    - dense: 5000", "8:7",
      "end the network with 'flatten' and 'dense: <classes>'"),
    UsualMistake("model", instead: .network, "model:", "4:1", "in lmtc this is 'network'"),
    UsualMistake(
      "bytes without a scale", instead: .data, "data: {format: idx, train: a, test: b}", "3:1",
      "scale: 1/255"),
    UsualMistake(
      "num_classes", instead: .data,
      "data: {format: synthetic, distribution: digits, num_classes: 10}", "3:49",
      "in lmtc this is 'classes'"),
  ]
}

@Suite struct UsualMistakeTests {
  @Test func thereAreThirty() { #expect(UsualMistake.all.count >= 30) }

  @Test(arguments: UsualMistake.all)
  func isAnsweredWithThePlaceAndTheFix(_ mistake: UsualMistake) throws {
    var diagnostics: [Diagnostic] = []
    _ = Pipeline.compile(SourceFile(path: "spec.yaml", text: mistake.spec), &diagnostics)
    let told = DiagnosticText().render(diagnostics)
    let fitting = diagnostics.filter { $0.help?.contains(mistake.fix) == true }
    #expect(fitting.count == 1, "\(told)")
    let text = DiagnosticText().render(fitting)
    #expect(text.hasPrefix("spec.yaml:\(mistake.place): "), "\(told)")
  }
}
