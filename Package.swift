// swift-tools-version: 6.1
import PackageDescription

let collections = Target.Dependency.product(
  name: "OrderedCollections", package: "swift-collections")
let numerics = Target.Dependency.product(name: "RealModule", package: "swift-numerics")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
  name: "lmtc",
  products: [.executable(name: "lmtc", targets: ["lmtc"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CGMP", pkgConfig: "gmp", providers: [.apt(["libgmp-dev"])]),
    .systemLibrary(name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CGOMP"),
    // Declarations alone: the library is loaded at run time.
    .systemLibrary(name: "CPJRT"),

    // The inner loops of matrix products and elementwise operations in C, for several instruction sets.
    .target(
      name: "CMatrixKernels", cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),

    // Level 0: no knowledge of specs, graphs or networks.
    .target(name: "Diagnostics", dependencies: [collections]),
    .target(name: "Digest", dependencies: ["CNettle"]),
    .target(name: "Enclosure", dependencies: []),
    .target(
      name: "MatrixProducts", dependencies: ["CMatrixKernels"],
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),

    // Level 1.
    .target(
      name: "ONNX",
      dependencies: ["Diagnostics", "FileFormats", "TensorGraph", collections, protobuf],
      exclude: ["onnx.proto"]),
    .target(name: "PortableC", dependencies: ["TensorGraph"]),
    .target(name: "SpecSyntax", dependencies: ["CGMP", "CLibYAML", "Diagnostics"]),
    .target(name: "TensorGraph", dependencies: ["Diagnostics", numerics]),
    .target(
      name: "FileFormats", dependencies: ["CZlib", "Diagnostics", "TensorGraph", collections]),

    // Apart from the rest: what re-checks a certificate shares with it only directed rounding
    // and the digest of files.
    .target(
      name: "Verifier", dependencies: ["CLibYAML", "Digest", "Enclosure", "MatrixProducts"],
      // As for the engine: factorizations and intervals are inner loops.
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),

    // Level 2.
    .target(
      name: "BoundAlgebra", dependencies: ["Diagnostics", "Enclosure", "TensorGraph"]),

    // Level 3.
    .target(
      name: "ModelIR",
      dependencies: [
        "BoundAlgebra", "Diagnostics", "Enclosure", "FileFormats", "SpecSyntax", "TensorGraph",
      ]),
    .target(name: "Execution", dependencies: ["TensorGraph"]),

    // Level 4: bodies of knowledge.
    .target(
      name: "LipschitzBounds",
      dependencies: [
        "BoundAlgebra", "Diagnostics", "Enclosure", "MatrixProducts", "ModelIR", "TensorGraph",
      ],
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(
      name: "RoundingAnalysis",
      dependencies: ["Enclosure", "MatrixProducts", "TensorGraph", numerics],
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(
      name: "Catalog",
      dependencies: [
        "BoundAlgebra", "Diagnostics", "Enclosure", "FileFormats", "ModelIR", "SpecSyntax",
        "TensorGraph", numerics,
      ]),
    .target(
      name: "CPUBackend",
      dependencies: [
        "CGOMP", "CMatrixKernels", "COneDNN", "Diagnostics", "Execution", "TensorGraph",
        collections,
      ],
      // Unoptimized inner loops would make every test of training a hundred times slower.
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),

    .target(name: "StableHLO", dependencies: ["Diagnostics", "TensorGraph"]),

    // Level 5: XLA's devices, and the way of a spec.
    .target(
      name: "XLABackend",
      dependencies: ["CPJRT", "Diagnostics", "Execution", "StableHLO", "TensorGraph"]),
    .target(
      name: "Compiler",
      dependencies: [
        "BoundAlgebra", "Catalog", "Diagnostics", "Digest", "Enclosure", "Execution",
        "LipschitzBounds", "ModelIR", "ONNX", "SpecSyntax", "TensorGraph", numerics,
      ]),
    .target(
      name: "Manual", dependencies: ["Catalog", "Diagnostics", "LipschitzBounds", "ModelIR"]),

    // Level 6: activities.
    .target(
      name: "Files",
      dependencies: [
        "CZlib", "Diagnostics", "Digest", "Execution", "FileFormats", "ModelIR", collections,
      ]),
    .target(
      name: "Certification",
      dependencies: [
        "BoundAlgebra", "Compiler", "Diagnostics", "Digest", "Enclosure", "Execution",
        "FileFormats", "Files", "LipschitzBounds", "MatrixProducts", "ModelIR", "RoundingAnalysis",
        "TensorGraph",
      ]),
    .target(
      name: "Attacks",
      dependencies: [
        "Catalog", "Certification", "Compiler", "Diagnostics", "Enclosure", "Execution",
        "FileFormats", "Files", "MatrixProducts", "ModelIR", "RoundingAnalysis", "SpecSyntax",
        "TensorGraph",
      ]),
    .target(
      name: "Training",
      dependencies: [
        "Attacks", "Certification", "Compiler", "Diagnostics", "Execution", "FileFormats", "Files",
        "ModelIR", "TensorGraph", collections,
      ]),
    .target(
      name: "Reporting",
      dependencies: [
        "Attacks", "BoundAlgebra", "Certification", "Compiler", "Diagnostics", "Enclosure",
        "Execution", "FileFormats", "Files", "LipschitzBounds", "Manual", "ModelIR", "TensorGraph",
        "Training",
      ]),

    // Levels 7 and 8: the commands, and their arguments.
    .target(
      name: "Commands",
      dependencies: [
        "Attacks", "CGMP", "CGOMP", "CLibYAML", "CNettle", "CZlib", "Catalog", "Certification",
        "Compiler", "Diagnostics", "Digest", "Enclosure", "Execution", "FileFormats", "Files",
        "Manual", "MatrixProducts", "ModelIR", "ONNX", "PortableC", "Reporting", "SpecSyntax",
        "StableHLO",
        "TensorGraph", "Training", "Verifier", collections,
      ]),
    .executableTarget(
      name: "lmtc",
      dependencies: [
        "CPUBackend", "Certification", "Commands", "Compiler", "Diagnostics", "Execution",
        "Reporting", "XLABackend", arguments,
      ],
      // Without symbols the binary is a third smaller.
      linkerSettings: [.unsafeFlags(["-Xlinker", "-s"], .when(configuration: .release))]),
    .executableTarget(
      name: "lmtc-bench",
      dependencies: [
        "CPUBackend", "Commands", "Compiler", "Diagnostics", "Execution", "FileFormats", "Files",
        "GraphTestSupport", "MatrixProducts", "ModelIR", "SpecSyntax", "StableHLO", "TensorGraph",
        "Training", "XLABackend",
      ],
      path: "Benchmarks/lmtc-bench"),
    .executableTarget(
      name: "lmtc-fuzz",
      dependencies: [
        "CPUBackend", "Commands", "Compiler", "Diagnostics", "Digest", "Execution", "FileFixtures",
        "FileFormats", "Files", "ModelIR", "MutationSupport", "ONNX", "TensorGraph", "Training",
        "Verifier",
      ],
      path: "Fuzz/lmtc-fuzz"),

    // Tests, and what several of them use.
    .testTarget(
      name: "AttacksTests",
      dependencies: [
        "Attacks", "CPUBackend", "Catalog", "Compiler", "Diagnostics", "Execution", "Files",
        "ModelIR", "SpecSyntax", "TensorGraph",
      ]),
    .testTarget(
      name: "BoundAlgebraTests", dependencies: ["BoundAlgebra", "Enclosure", "TensorGraph"]),
    .testTarget(
      name: "CPUBackendTests",
      dependencies: [
        "CMatrixKernels", "CPUBackend", "Enclosure", "Execution", "GraphTestSupport",
        "RoundingAnalysis",
        "TensorGraph",
      ]),
    .testTarget(
      name: "CatalogTests",
      dependencies: [
        "BoundAlgebra", "CPUBackend", "Catalog", "Compiler", "Diagnostics", "Enclosure",
        "Execution", "GraphTestSupport", "LipschitzBounds", "Manual", "ModelIR", "RoundingAnalysis",
        "SpecSyntax", "TensorGraph",
      ]),
    .testTarget(
      name: "CertificationTests",
      dependencies: [
        "BoundAlgebra", "Certification", "Enclosure", "LipschitzBounds", "RoundingAnalysis",
      ]),
    .testTarget(
      name: "CompilerTests",
      dependencies: [
        "CPUBackend", "Compiler", "Diagnostics", "LipschitzBounds", "ModelIR", "TensorGraph",
      ]),
    .testTarget(
      name: "DatasetTests",
      dependencies: [
        "Catalog", "Diagnostics", "FileFixtures", "FileFormats", "ModelIR", "MutationSupport",
        "SpecSyntax",
      ]),
    .testTarget(
      name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
    .testTarget(name: "DigestTests", dependencies: ["Digest"]),
    .testTarget(
      name: "DocumentationTests",
      dependencies: ["Catalog", "Compiler", "Diagnostics", "LipschitzBounds", "ModelIR"]),
    .testTarget(
      name: "EnclosureTests", dependencies: ["Enclosure", "TensorGraph"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Attacks", "BoundAlgebra", "CPUBackend", "Catalog", "Certification", "Commands", "Compiler",
        "Diagnostics", "Digest", "Enclosure", "ExampleNetworks", "Execution", "FileFixtures",
        "FileFormats", "Files", "LipschitzBounds", "Manual", "MatrixProducts", "ModelIR",
        "MutationSupport", "Reporting", "RoundingAnalysis",
        "TensorGraph", "Training", "Verifier",
        "XLABackend", "lmtc",
      ]),
    .target(
      name: "ExampleNetworks", dependencies: ["Diagnostics", "ModelIR"],
      path: "Tests/ExampleNetworks"),
    .testTarget(
      name: "ExtensionTests",
      dependencies: [
        "BoundAlgebra", "CPUBackend", "Catalog", "Commands", "Compiler", "Diagnostics", "Enclosure",
        "Execution", "FileFormats", "Files", "GraphTestSupport", "LipschitzBounds",
        "MatrixProducts", "ModelIR", "SpecSyntax", "TensorGraph", "Training", "Verifier",
      ]),
    .target(
      name: "FileFixtures", dependencies: ["CZlib"],
      path: "Tests/FileFixtures"),
    .testTarget(
      name: "FileFormatsTests",
      dependencies: ["Diagnostics", "FileFixtures", "FileFormats", "MutationSupport"]),
    .testTarget(
      name: "FilesTests",
      dependencies: [
        "Diagnostics", "Execution", "FileFixtures", "FileFormats", "Files", "ModelIR",
        "MutationSupport",
        "TensorGraph", "Training", collections,
      ]),
    .target(
      name: "GraphTestSupport", dependencies: ["Execution", "TensorGraph"],
      path: "Tests/GraphTestSupport"),
    .testTarget(
      name: "LipschitzBoundsTests",
      dependencies: [
        "BoundAlgebra", "Diagnostics", "Enclosure", "LipschitzBounds", "MatrixProducts", "ModelIR",
        "TensorGraph",
      ]),
    .testTarget(name: "MatrixProductsTests", dependencies: ["Enclosure", "MatrixProducts"]),
    .testTarget(
      name: "ModelSpecTests", dependencies: ["Compiler", "Diagnostics", "ModelIR", "SpecSyntax"]),
    .target(
      name: "MutationSupport", dependencies: ["TensorGraph"],
      path: "Tests/MutationSupport"),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Diagnostics", "Reporting", "TensorGraph", "Training"]),
    .testTarget(
      name: "ExportTests",
      dependencies: [
        "Catalog", "Compiler", "Diagnostics", "ExampleNetworks", "Execution", "ModelIR", "ONNX",
        "PortableC", "TensorGraph", "Training", protobuf,
      ]),
    .testTarget(
      name: "ONNXTests",
      dependencies: [
        "Compiler", "Diagnostics", "Execution", "FileFormats", "MutationSupport", "ONNX",
        "SpecSyntax", "TensorGraph", protobuf,
      ],
      exclude: ["make-keras-models.py", "make-models.py", "models", "stored.py"]),
    .testTarget(
      name: "RoundingAnalysisTests",
      dependencies: ["Enclosure", "GraphTestSupport", "RoundingAnalysis", "TensorGraph"]),
    .testTarget(
      name: "ShippedSpecTests", dependencies: ["Compiler", "Diagnostics", "Files", "ModelIR"]),
    .testTarget(
      name: "SpecSyntaxTests", dependencies: ["Diagnostics", "SpecSyntax"]),
    .testTarget(
      name: "StableHLOTests",
      dependencies: ["Diagnostics", "GraphTestSupport", "StableHLO", "TensorGraph"]),
    .testTarget(
      name: "TensorGraphTests",
      dependencies: ["Diagnostics", "Execution", "GraphTestSupport", "TensorGraph"]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training"]),
    .testTarget(
      name: "XLABackendTests",
      dependencies: [
        "CPJRT", "Diagnostics", "Execution", "GraphTestSupport", "StableHLO", "TensorGraph",
        "XLABackend",
      ]),
    .testTarget(
      name: "VerifierTests",
      dependencies: [
        "Catalog", "Compiler", "Diagnostics", "Enclosure", "ExampleNetworks", "ModelIR",
        "SpecSyntax", "TensorGraph",
        "Verifier",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
