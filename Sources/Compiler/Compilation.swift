import BoundAlgebra
import Diagnostics
import LipschitzBounds
import ModelIR

/// A spec that passed every check before training: typed, shaped, bounded.
public struct Compilation: Sendable {
  /// The spec.
  public let spec: ModelSpec
  /// The network with its shapes.
  public let model: Model
  /// Its bounds.
  public let bounds: ModelBounds
  /// The seed of everything random.
  public let seed: UInt64

  /// Collects what the stages made; a seed replaces the spec's, and 1 stands where neither says one.
  init(spec: ModelSpec, model: Model, bounds: ModelBounds, seed: Int?) {
    self.spec = seed.map(spec.seeded) ?? spec
    self.model = model
    self.bounds = bounds
    self.seed = UInt64(seed ?? spec.train?.seed ?? 1)
  }

  /// The number of logits; 1 only without `data` and `train`.
  public var classes: Int { model.shape(of: model.output)[0] }

  /// Reports what does not fit together: logits, classes, augmentations, regularizers.
  func check(_ diagnostics: inout [Diagnostic]) {
    checkLogits(&diagnostics)
    checkAugmentations(&diagnostics)
    checkRegularizers(&diagnostics)
    checkUsualMistakes(&diagnostics)
    checkInitialBound(&diagnostics)
    checkCritic(&diagnostics)
    diagnostics += spec.requirements.compactMap { $0.fault(model, isCritic: spec.isCritic) }
  }

  /// Warns of what is possible, and seldom meant.
  private func checkUsualMistakes(_ diagnostics: inout [Diagnostic]) {
    let shape = model.inputShape
    if shape.count == 3, shape[2] <= 4, shape[0] > 4, shape[0] == shape[1] {
      diagnostics.append(
        .warning(
          .shape, "channels-last",
          "the first extent is the number of channels: this input has \(shape[0]) of them",
          at: spec.network.inputSpan,
          help: "write '[\(shape[2]), \(shape[0]), \(shape[1])]' for channels, height, width"))
    }
    if let last = model.nodes.last, last.kind == "softmax" {
      diagnostics.append(
        .warning(
          .spec, "final-softmax",
          "the last layer is a softmax: losses and certificates are about the logits before it",
          at: last.span, help: "remove it: the predicted classes stay the same"))
    }
    if let data = spec.data, let range = data.format.value.storedRange, range.upperBound >= 255,
      data.scale.upper >= 1
    {
      diagnostics.append(
        .warning(
          .data, "unscaled",
          "without 'scale' the inputs are gray levels from 0 to \(Int(range.upperBound)), and so are radii",
          at: data.span, help: "add 'scale: 1/255' for inputs from 0 to 1"))
    }
  }

  /// Warns of an initial bound that no factor of the weights can give.
  private func checkInitialBound(_ diagnostics: inout [Diagnostic]) {
    guard let train = spec.train, train.initialLipschitz != nil, bounds.freeWeights.isEmpty
    else { return }
    diagnostics.append(
      .warning(
        .spec, "initial-lipschitz",
        "'initial_lipschitz' changes nothing: parametrizations form all weights and fix their norms",
        at: train.initialLipschitzSpan, help: "remove the key"))
  }

  private func checkRegularizers(_ diagnostics: inout [Diagnostic]) {
    for entry in spec.train?.regularizers ?? []
    where entry.value.layers == .head && bounds.head == nil {
      diagnostics.append(
        .error(
          .spec, "regularizer",
          "'\(entry.kind)' acts on a final dense layer, and the network does not end in one",
          at: entry.span, help: "write 'layers: all', or end the network with 'dense'"))
    }
  }

  private func checkCritic(_ diagnostics: inout [Diagnostic]) {
    guard let train = spec.train, spec.isCritic else { return }
    let shape = model.shape(of: model.output)
    guard shape.count == 1, shape[0] > 2 else { return }
    diagnostics.append(
      .error(
        .spec, "critic", "a critic is the difference of 2 logits, found \(shape[0])",
        at: train.taskSpan, help: "end the network with 'dense: 2', and train on two classes"))
  }

  private func checkAugmentations(_ diagnostics: inout [Diagnostic]) {
    for entry in spec.train?.augment ?? [] {
      do throws(ShapeFault) {
        try entry.value.check(model.inputShape)
      } catch {
        diagnostics.append(
          .error(
            .shape, "augmentation", "'\(entry.kind)' \(error.message)", at: entry.span,
            help: error.help))
      }
    }
  }

  private func checkLogits(_ diagnostics: inout [Diagnostic]) {
    let shape = model.shape(of: model.output)
    let span = model.nodes.last?.span ?? spec.network.span
    // One output has a constant, though no classes.
    if shape == [1], spec.data == nil, spec.train == nil { return }
    let most = DataSpec.mostClasses
    guard shape.count == 1, (2...most).contains(shape[0]) else {
      let help =
        shape == [1]
        ? "end the network with 'dense: <classes>'; a spec without 'data' and 'train' may have one output"
        : "end the network with 'flatten' and 'dense: <classes>'"
      diagnostics.append(
        .error(
          .shape, "logits",
          "the last layer must give [classes] logits, from 2 to \(most), found \(shape)",
          at: span, help: help))
      return
    }
    if let classes = spec.data?.classes, classes != shape[0] {
      diagnostics.append(
        .error(
          .shape, "classes", "the network gives \(shape[0]) logits for \(classes) classes",
          at: span, help: "end the network with 'dense: \(classes)'"))
    }
  }
}

extension ModelBounds {
  /// The full names of the weights of linear operators that no parametrization forms.
  public var freeWeights: Set<String> {
    Set(operators.lazy.filter { $0.constraint == nil }.compactMap { $0.weight?.name })
  }

  /// An error for each layer without a finite constant.
  var unboundedLayers: [Diagnostic] {
    network.unboundedCauses.map { cause in
      Diagnostic(
        .init(.bound, "unbounded"), "no finite Lipschitz constant: \(cause.reason)",
        at: cause.span.map { .span($0) } ?? .none)
    }
  }
}
