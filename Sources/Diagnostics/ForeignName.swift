/// Names that PyTorch, Keras and others give to what specs name differently.
public enum ForeignName {
  /// A known name that a foreign one stands for; nil if there is none.
  ///
  /// - Parameter names: what may stand here; a foreign name means different things in different places.
  public static func meaning(of word: String, in names: some Collection<String>) -> String? {
    (equivalents[plain(word)] ?? []).first { names.contains($0) }
  }

  /// What to do about a name that stands for nothing here; nil where nothing is known of it.
  public static func advice(on word: String) -> String? { advice[plain(word)] }

  /// Without case and separators: `BatchNorm2d`, `batch_norm_2d` and `batch-norm2d` are one name.
  private static func plain(_ word: String) -> String {
    String(word.lowercased().filter { $0 != "_" && $0 != "-" })
  }

  private static let equivalents: [String: [String]] = [
    // Layers.
    "linear": ["dense"], "fc": ["dense"], "fullyconnected": ["dense"], "gemm": ["dense"],
    "conv": ["conv2d"], "convolution": ["conv2d"], "convolution2d": ["conv2d"],
    "maxpool2d": ["max_pool"], "maxpooling2d": ["max_pool"], "avgpool2d": ["avg_pool"],
    "averagepooling2d": ["avg_pool"], "batchnorm1d": ["batch_norm"],
    "batchnorm2d": ["batch_norm"], "batchnormalization": ["batch_norm"],
    "groupsort": ["max_min"], "groupsort2": ["max_min"], "logsoftmax": ["softmax"],
    "normalization": ["normalize"], "skip": ["residual"], "shortcut": ["residual"],
    // Keys of layers.
    "outfeatures": ["units"], "outputdim": ["units"], "hidden": ["units"], "size": ["units"],
    "outchannels": ["filters"], "channels": ["filters"], "outplanes": ["filters"],
    "kernelsize": ["kernel"], "poolsize": ["kernel"], "filtersize": ["kernel"],
    "ksize": ["kernel"], "strides": ["stride"], "pad": ["padding"], "usebias": ["bias"],
    "dilationrate": ["dilation"], "numgroups": ["groups"], "p": ["rate"], "prob": ["rate"],
    "negativeslope": ["slope"], "alpha": ["slope"], "eps": ["epsilon", "radii"],
    "epsilons": ["radii"], "radius": ["radii"], "inputshape": ["input"], "inputsize": ["input"],
    // Training.
    "lr": ["learning_rate"], "stepsize": ["learning_rate", "step"], "batchsize": ["batch"],
    "minibatch": ["batch"], "numepochs": ["epochs"], "nepochs": ["epochs"],
    "maxepochs": ["epochs"], "randomseed": ["seed"], "augmentation": ["augment"],
    "transforms": ["augment"], "criterion": ["loss"], "validationsplit": ["validation"],
    "nll": ["cross_entropy"], "nllloss": ["cross_entropy"], "ce": ["cross_entropy"],
    "crossentropyloss": ["cross_entropy"], "categoricalcrossentropy": ["cross_entropy"],
    "sparsecategoricalcrossentropy": ["cross_entropy"], "numsteps": ["steps"],
    "iterations": ["steps"], "niter": ["steps"], "beta": ["betas"], "wd": ["weight_decay"],
    // Sections and data.
    "model": ["network"], "architecture": ["network"], "net": ["network"], "dataset": ["data"],
    "training": ["train"], "evaluation": ["certify"], "eval": ["certify"],
    "certification": ["certify"], "verify": ["certify"], "requirements": ["require"],
    "constants": ["let"], "numclasses": ["classes"], "nclasses": ["classes"],
    "trainpath": ["train"], "testpath": ["test"],
  ]

  private static let advice: [String: String] = [
    "inchannels": "leave it out: the shapes of inputs are inferred",
    "infeatures": "leave it out: the shapes of inputs are inferred",
    "inputdim": "leave it out: the shapes of inputs are inferred",
    "activation": "write the activation as a layer of its own after this one, such as '- relu'",
    "norm":
      "leave it out: radii are ℓ2; the ℓ∞ ball of radius r in d dimensions lies in the ℓ2 ball of"
      + " radius r·√d",
    "lr": "the learning rate is a key of the optimizer: 'optimizer: {adam: {learning_rate: 1e-3}}'",
    "learningrate":
      "the learning rate is a key of the optimizer: 'optimizer: {adam: {learning_rate: 1e-3}}'",
    "weightdecay": "it is a key of some optimizers: 'optimizer: {sgd: {weight_decay: 5e-4}}'",
    "momentum": "it is a key of the optimizer: 'optimizer: {sgd: {momentum: 0.9}}'",
    "seed": "the seed is a key of 'train': 'train: {seed: 1}'",
    "root": "name the files by 'train' and 'test'", "path": "name the files by 'train' and 'test'",
    "device": "choose the device by '--device' on the command line",
    "epochs": "epochs are a key of 'train': 'train: {epochs: 20}'",
    "layers": "layers are a key of 'network': 'network: {input: […], layers: […]}'",
    "loss": "the loss is a key of 'train': 'train: {loss: cross_entropy}'",
    "numworkers": "choose the number of threads by '--threads' on the command line",
  ]
}
