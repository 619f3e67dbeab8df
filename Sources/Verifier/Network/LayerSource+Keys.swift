/// The keys of a layer.
extension LayerSource {
  /// Keys that any layer may have, and those of training: they do not change what is computed.
  private static let idle: Set<String> = [
    "name", "from", "init", "bound", "momentum", "rate", "start",
  ]

  /// The keys by kind; no kind that is not listed has any.
  private static let meaningful: [String: Set<String>] = [
    "dense": ["units", "bias"],
    "conv1d": convolution, "conv2d": convolution,
    "depthwise": window.union(["dilation", "multiplier", "bias"]),
    "conv_transpose": convolution.union(["output_padding"]),
    "avg_pool": window, "max_pool": window, "lp_pool": window.union(["p"]),
    "normalize": ["mean", "std"], "scale": ["factor"], "gate": ["group"],
    "batch_norm": ["epsilon", "affine"], "layer_norm": ["epsilon", "affine"],
    "instance_norm": ["epsilon", "affine"], "group_norm": ["groups", "epsilon", "affine"],
    "center": ["over"], "concat": ["axis"], "reshape": ["shape"],
    "zero_pad": ["padding"], "crop": ["margins"], "upsample": ["factor"],
    "pixel_shuffle": ["factor"], "pixel_unshuffle": ["factor"],
    "maxout": ["size"], "group_sort": ["size"],
    "leaky_relu": ["slope"], "prelu": ["slope", "shared"], "elu": ["alpha"],
    "hard_tanh": ["lowest", "highest"],
  ]
  private static let window: Set<String> = ["kernel", "stride", "padding"]
  private static let convolution = window.union(["filters", "dilation", "groups", "bias"])

  /// Refuses a key that the checker does not know: it could change what the layer computes.
  func requireKnownKeys() throws(Refusal) {
    let known = Self.idle.union(Self.meaningful[kind] ?? [])
    for (key, value) in try keys.pairs where !known.contains(key) {
      throw value.refuted("not verified: the checker does not know the key '\(key)' of '\(kind)'")
    }
  }
}
