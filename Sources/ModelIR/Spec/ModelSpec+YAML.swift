import SpecSyntax

extension ModelSpec {
  /// The spec with every default, override, constant and block written out; reads back to an equal
  /// spec.
  ///
  /// Layers have their names and, where they are not fed by the layer before, `from`; structures
  /// have become `add` and `concat` layers.
  ///
  /// - Parameter path: rewrites the paths of the data, for a copy that lies in another folder.
  public func yaml(path: (String) -> String = { $0 }) -> String {
    var lines =
      (adopted?.remarks ?? []) + [
        "lmt: \(Self.version)", "name: \(YAMLText.scalar(name))",
      ]
    if let data { lines += ["data:"] + data.lines(path).map { "  " + $0 } }
    lines += ["network:"] + network.lines.map { "  " + $0 }
    if let train { lines += ["train:"] + train.lines.map { "  " + $0 } }
    lines += ["certify:"] + certify.lines.map { "  " + $0 }
    if !requirements.isEmpty {
      lines += ["require:"] + requirements.map { "  - \(YAMLText.scalar($0.text))" }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension DataSpec {
  fileprivate func lines(_ path: (String) -> String) -> [String] {
    var lines = ["format: \(YAMLText.scalar(format.kind))"]
    if let train { lines.append("train: \(YAMLText.scalar(path(train)))") }
    if let test { lines.append("test: \(YAMLText.scalar(path(test)))") }
    lines.append("scale: \(scale.specText)")
    if let classes { lines.append("classes: \(classes)") }
    return lines + format.configuration.map { "\($0.key): \($0.text)" }
  }
}

extension NetworkSpec {
  fileprivate var lines: [String] {
    var lines = ["input: \(inputShape.specText)", "layers:"]
    var previous = LayerSpec.Reference.input
    for (index, layer) in layers.enumerated() {
      var keys = ["name: \(YAMLText.scalar(layer.name))"]
      if layer.inputs != [previous] {
        let names = layer.inputs.map { YAMLText.scalar(name(of: $0)) }
        keys.append("from: [\(names.joined(separator: ", "))]")
      }
      keys += layer.configuration.map { "\($0.key): \($0.text)" }
      lines.append("  - \(layer.kind): {\(keys.joined(separator: ", "))}")
      previous = .node(index)
    }
    return lines
  }

  private func name(of reference: LayerSpec.Reference) -> String {
    switch reference {
    case .input: LayerList.inputName
    case .node(let index): layers[index].name
    }
  }
}

extension CertifySpec {
  fileprivate var lines: [String] {
    let attacks = attacks.map(\.specText).joined(separator: ", ")
    return [
      "radii: \(radii.specText)", "precision: \(precision.rawValue)",
      "effort: \(effort.rawValue)", "attacks: [\(attacks)]",
      "box: \(box.specText)",
      "lipschitz_samples: \(lipschitzSamples)",
    ]
  }
}

extension TrainSpec {
  fileprivate var lines: [String] {
    [
      "task: \(task.rawValue)", "loss: \(loss.specText)", "optimizer: \(optimizer.specText)",
      "regularizers: [\(regularizers.map(\.specText).joined(separator: ", "))]",
      adversarial.map { "adversarial: \($0.specText)" },
      "augment: [\(augment.map(\.specText).joined(separator: ", "))]",
      "label_noise: \(labelNoise.specText)", "epochs: \(epochs)", "batch: \(batch)",
      "validation: \(validation.specText)", "shuffle: \(shuffle)",
      "power_iterations: \(powerIterations)", "composition: \(composition.rawValue)",
      "precision: \(precision.rawValue)", "average: \(average.specText)", "seed: \(seed)",
      initialLipschitz.map { "initial_lipschitz: \($0.specText)" }, "log: \(logs.specText)",
      "schedule: {learning_rate: \(learningRateSchedule.specText), warmup: \(warmup.specText), "
        + "c: \(marginSchedule.specText)}",
    ].compactMap(\.self)
  }
}
