// Generated from the declarations in the folders of Sources/Catalog; add or remove types there.
// swift-format-ignore-file

import ModelIR

extension Catalog {
  public static let layers: [any Layer.Type] = [
    AbsLayer.self,
    AddLayer.self,
    AvgPoolLayer.self,
    BatchNormLayer.self,
    CPLLayer.self,
    CenterLayer.self,
    ConcatLayer.self,
    Conv1DLayer.self,
    Conv2DLayer.self,
    ConvTransposeLayer.self,
    CropLayer.self,
    DenseLayer.self,
    DepthwiseLayer.self,
    DropoutLayer.self,
    ELULayer.self,
    FlattenLayer.self,
    GELULayer.self,
    GateLayer.self,
    GlobalAvgPoolLayer.self,
    GroupNormLayer.self,
    GroupSortLayer.self,
    HardSigmoidLayer.self,
    HardTanhLayer.self,
    IdentityLayer.self,
    InstanceNormLayer.self,
    LPPoolLayer.self,
    LayerNormLayer.self,
    LeakyReLULayer.self,
    MaxMinLayer.self,
    MaxPoolLayer.self,
    MaxoutLayer.self,
    MishLayer.self,
    NormalizeLayer.self,
    PReLULayer.self,
    PixelShuffleLayer.self,
    PixelUnshuffleLayer.self,
    ReLULayer.self,
    ReshapeLayer.self,
    SELULayer.self,
    SLLLayer.self,
    ScaleLayer.self,
    ShiftLayer.self,
    SiLULayer.self,
    SigmoidLayer.self,
    SoftmaxLayer.self,
    SoftplusLayer.self,
    StandardizeLayer.self,
    TanhLayer.self,
    UpsampleLayer.self,
    ZeroPadLayer.self,
  ]

  public static let losses: [any Loss.Type] = [
    CRMLoss.self,
    CrossEntropyLoss.self,
    EMMALoss.self,
    GloRoLoss.self,
    HKRLoss.self,
    LMTLoss.self,
    OffsetLoss.self,
    WassersteinLoss.self,
  ]

  public static let optimizers: [any Optimizer.Type] = [
    AdamOptimizer.self,
    AdamWOptimizer.self,
    SGDOptimizer.self,
  ]

  public static let attacks: [any Attack.Type] = [
    CarliniWagnerAttack.self,
    DeepFoolAttack.self,
    FGSMAttack.self,
    PGDAttack.self,
  ]

  public static let regularizers: [any Regularizer.Type] = [
    ParsevalRegularizer.self,
    SpectralNormRegularizer.self,
    WeightDecayRegularizer.self,
  ]

  public static let parametrizations: [any Parametrization.Type] = [
    AOLParametrization.self,
    BROParametrization.self,
    BjorckParametrization.self,
    CayleyParametrization.self,
    OrthogonalParametrization.self,
    SLLParametrization.self,
    SpectralParametrization.self,
    StiefelParametrization.self,
    UnitRowsParametrization.self,
  ]

  public static let augmentations: [any Augmentation.Type] = [
    AffineAugmentation.self,
    ElasticAugmentation.self,
    HorizontalFlipAugmentation.self,
    RandomCropAugmentation.self,
    TranslateAugmentation.self,
  ]

  public static let datasets: [any DatasetFormat.Type] = [
    CIFAR100Format.self,
    CIFAR10Format.self,
    CSVFormat.self,
    IDXFormat.self,
    ImagesFormat.self,
    NPZFormat.self,
    SVHNFormat.self,
    SyntheticFormat.self,
  ]
}
