// swift-tools-version: 6.2
import PackageDescription

/// For all our targets: Swift 6 mode, the upcoming features, warnings as errors.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// The programs also mark every unsafe expression, so a reviewer finds them all by searching for `unsafe`.
let strictProgram: [SwiftSetting] = strict + [.strictMemorySafety()]

/// Optimised in debug builds too: the tests attack thousands of releases, which takes ten times as long otherwise.
let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// The fuzz targets exist only when CLOISTER_FUZZ is set, as they have no `main` of their own.
let fuzzTargets: [Target] =
  Context.environment["CLOISTER_FUZZ"] == nil
  ? []
  : ["CSV", "Policy", "Bundle", "Keys"].map { part in
    .executableTarget(
      name: "Fuzz\(part)", dependencies: ["Shared"] + (part == "Keys" ? ["COpenSSL"] : []), path: "Tests/Fuzz/\(part)",
      swiftSettings: strict)
  }

let package = Package(
  name: "cloister",
  products: [
    .executable(name: "cloister-extractor", targets: ["Extractor"]),
    .executable(name: "cloister-generator", targets: ["Generator"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    // Linked through AsyncHTTPClient anyway: its TLS certificates and its decompression are configured with these.
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenSSL", path: "Sources/Shared/COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CISAL", path: "Sources/Shared/CISAL", pkgConfig: "libisal",
      providers: [.apt(["libisal-dev"])]),
    .systemLibrary(
      name: "CZSTD", path: "Sources/Shared/CZSTD", pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(
      name: "CZLIB", path: "Sources/Shared/CZLIB", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CByteMasks", path: "Sources/Shared/CByteMasks"),
    .systemLibrary(name: "CProcess", path: "Sources/Shared/CProcess"),
    .systemLibrary(name: "CGLPK", path: "Sources/CountSolver/CGLPK", providers: [.apt(["libglpk-dev"])]),
    .systemLibrary(name: "CSandbox", path: "Sources/Extractor/Sandbox/CSandbox"),
    .target(
      name: "CDictionaries", path: "Sources/Shared/CDictionaries",
      exclude: [
        "README.md", "icd-10-cm.tsv.gz", "icd-10-pcs.tsv.gz", "icd-9-cm-diagnoses.tsv.gz", "icd-9-cm-procedures.tsv.gz",
      ], linkerSettings: [.linkedLibrary("z")]),
    .target(name: "CForest", path: "Sources/Extractor/Evaluate/CForest"),
    .target(name: "CKnowledge", path: "Sources/Generator/Knowledge/CKnowledge"),
    .target(
      name: "Shared",
      dependencies: ["COpenSSL", "CByteMasks", "CProcess", "CDictionaries", argumentParser, "Yams"],
      exclude: ["COpenSSL", "CISAL", "CZSTD", "CZLIB", "CByteMasks", "CProcess", "CDictionaries"],
      swiftSettings: strictProgram + optimised),
    .target(
      name: "CountSolver", dependencies: ["CGLPK"], exclude: ["CGLPK"], swiftSettings: strictProgram + optimised),
    .executableTarget(
      name: "Extractor",
      dependencies: [
        "Shared", "CountSolver", "COpenSSL", "CISAL", "CZSTD", "CSandbox", "CForest", argumentParser,
      ],
      exclude: ["Sandbox/CSandbox", "Evaluate/CForest"],
      swiftSettings: strictProgram + optimised),
    .executableTarget(
      name: "Generator",
      dependencies: [
        "Shared", "CKnowledge", "CZLIB", argumentParser,
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
      ],
      exclude: ["Knowledge/CKnowledge"],
      resources: ["demographics", "main-diagnosis", "complications", "procedures", "prescriptions"].map {
        .embedInCode("Chain/Steps/Prompts/\($0).txt")
      }
        + [
          "Draw/Prior", "Run/Describe/ColumnNotes", "Write/UnfilledTables", "Write/Usual/LabRanges",
          "Write/Usual/UsualRoutes",
        ].map { .embedInCode("\($0).txt") },
      swiftSettings: strictProgram + optimised),
    .target(
      name: "TestSupport", dependencies: ["Shared"], path: "Tests/Support",
      exclude: [
        "answer_batch.py", "fault_server.py", "gateway.py", "install_package.sh", "load_postgres.py",
        "peculiar_server.py", "postgres_cluster.py", "proxy_server.py", "recount.py", "stub_model_server.py",
        "validate_exports.py", "vary_policies.py", "warehouse.py", "without_threads.py",
      ],
      swiftSettings: strict + optimised),
    .testTarget(name: "SharedTests", dependencies: ["Shared", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CountSolverTests", dependencies: ["CountSolver", "CGLPK", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ExtractorTests", dependencies: ["Extractor", "CountSolver", "Shared", "CGLPK", "CZSTD", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "GeneratorTests", dependencies: ["Generator", "Shared", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests", dependencies: ["Extractor", "Generator", "Shared", "TestSupport"],
      swiftSettings: strict),
  ] + fuzzTargets
)
