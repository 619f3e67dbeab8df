// swift-tools-version: 6.1
import PackageDescription

let collections = Target.Dependency.product(
  name: "OrderedCollections", package: "swift-collections")
let numerics = Target.Dependency.product(name: "Numerics", package: "swift-numerics")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "lmtc",
  products: [.executable(name: "lmtc", targets: ["lmtc"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
  ],
  targets: [
    // System libraries: the only C.
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CGOMP"),

    // Level 0: no knowledge of specs, graphs or networks.
    .target(name: "Diagnostics", dependencies: [collections]),
    .target(name: "Enclosure", dependencies: [numerics]),

    // Level 1.
    .target(name: "SpecSyntax", dependencies: ["CLibYAML", "Diagnostics", "BigInt"]),
    .target(name: "TensorGraph", dependencies: ["Diagnostics", collections, numerics]),
    .target(name: "FileFormats", dependencies: ["Diagnostics", "CZlib"]),

    // Apart from the rest: what re-checks a certificate shares with it only directed rounding.
    .target(
      name: "Verifier", dependencies: ["Enclosure", "CLibYAML", crypto],
      // As for the engine: factorisations and intervals are inner loops.
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),

    // Level 2.
    .target(
      name: "BoundAlgebra", dependencies: ["Diagnostics", "Enclosure", "TensorGraph", collections]),

    // Level 3.
    .target(
      name: "ModelIR",
      dependencies: [
        "Diagnostics", "Enclosure", "SpecSyntax", "TensorGraph", "FileFormats", "BoundAlgebra",
        collections,
      ]),
    .target(
      name: "Execution",
      dependencies: ["TensorGraph", "Diagnostics", "Enclosure", numerics, collections]),

    // Level 4.
    .target(name: "Catalog", dependencies: ["ModelIR", "FileFormats", numerics, collections]),
    .target(
      name: "CPUBackend", dependencies: ["Execution", "COneDNN", "COpenBLAS", "CGOMP"],
      // Unoptimised inner loops would make every test of training a hundred times slower.
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),

    // Levels 5 to 7.
    .target(name: "Compiler", dependencies: ["Catalog", "Execution", collections]),
    .target(name: "Manual", dependencies: ["Catalog", "ModelIR"]),
    .target(
      name: "Runtime",
      dependencies: [
        "Compiler", "Manual", "Execution", "FileFormats", "Verifier", "CZlib", collections, crypto,
      ]),
    .executableTarget(
      name: "lmtc", dependencies: ["Runtime", "Compiler", "CPUBackend", arguments]),
    .executableTarget(
      name: "lmtc-bench", dependencies: ["CPUBackend", "Execution", "TensorGraph"],
      path: "Benchmarks/lmtc-bench"),
    .executableTarget(
      name: "lmtc-fuzz",
      dependencies: [
        "Runtime", "Compiler", "CPUBackend", "Execution", "Verifier", "FileFixtures",
        "MutationSupport", "TensorGraph", crypto,
      ],
      path: "Fuzz/lmtc-fuzz"),

    // Tests.
    .testTarget(
      name: "CompilerTests",
      dependencies: ["Compiler", "Catalog", "ModelIR", "TensorGraph", "Diagnostics"]),
    .testTarget(name: "RuntimeTests", dependencies: ["Runtime", "Catalog", "Enclosure"]),
    .testTarget(
      name: "ExecutionTests", dependencies: ["Execution", "TensorGraph", "GraphTestSupport"]),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
    .testTarget(name: "SpecSyntaxTests", dependencies: ["SpecSyntax"]),
    .target(name: "FileFixtures", dependencies: ["CZlib"], path: "Tests/FileFixtures"),
    .testTarget(
      name: "FileFormatsTests",
      dependencies: ["FileFormats", "Diagnostics", "FileFixtures", "MutationSupport"]),
    .target(name: "MutationSupport", dependencies: ["TensorGraph"], path: "Tests/MutationSupport"),
    .testTarget(
      name: "DatasetTests",
      dependencies: [
        "Catalog", "ModelIR", "FileFormats", "SpecSyntax", "Diagnostics", "MutationSupport",
        "FileFixtures",
      ]),
    .testTarget(
      name: "RuntimeFilesTests",
      dependencies: [
        "Runtime", "Execution", "ModelIR", "FileFormats", "Diagnostics", "FileFixtures",
        "MutationSupport", collections,
      ]),
    .testTarget(
      name: "ShippedSpecTests", dependencies: ["Catalog", "ModelIR", "Runtime", "Diagnostics"]),
    .testTarget(
      name: "DocumentationTests",
      dependencies: ["Compiler", "Catalog", "ModelIR", "Diagnostics"]),
    .testTarget(name: "ModelSpecTests", dependencies: ["ModelIR", "Catalog", "SpecSyntax"]),
    .target(
      name: "GraphTestSupport", dependencies: ["TensorGraph"], path: "Tests/GraphTestSupport"),
    .testTarget(
      name: "TensorGraphTests", dependencies: ["TensorGraph", "Execution", "GraphTestSupport"]),
    .testTarget(
      name: "CatalogTests",
      dependencies: [
        "Catalog", "Manual", "ModelIR", "TensorGraph", "GraphTestSupport", "Execution",
        "CPUBackend",
      ]),
    .testTarget(name: "EnclosureTests", dependencies: ["Enclosure", "TensorGraph"]),
    .testTarget(
      name: "BoundAlgebraTests", dependencies: ["BoundAlgebra", "Enclosure", "TensorGraph"]),
    .testTarget(
      name: "CPUBackendTests", dependencies: ["CPUBackend", "Execution", "GraphTestSupport"]),
    .testTarget(
      name: "VerifierTests",
      dependencies: ["Verifier", "TensorGraph"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "lmtc", "Runtime", "Manual", "Compiler", "CPUBackend", "Execution", "Catalog", "ModelIR",
        "TensorGraph",
        "Diagnostics", "FileFormats", "FileFixtures", "Verifier", "Enclosure", "MutationSupport",
      ]),
    .testTarget(
      name: "AdversarialTests",
      dependencies: [
        "Runtime", "Compiler", "CPUBackend", "Execution", "Catalog", "ModelIR", "SpecSyntax",
        "Diagnostics",
      ]),
    .testTarget(
      name: "BoundMethodTests",
      dependencies: ["Catalog", "ModelIR", "BoundAlgebra", "Enclosure", "TensorGraph"]),
  ],
  swiftLanguageModes: [.v6]
)
