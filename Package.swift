// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors in every target of this package; dependencies are built as they come.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

// The release tool carries all its libraries in itself, the C library included: it starts faster, and runs where there is
// no Swift. Where the C and C++ libraries are installed without their static archives (Fedora keeps those in packages of
// their own, glibc-static and libstdc++-static), PTERO_SHARED_LIBC=1 makes it carry Swift's alone.
let linkage = Context.environment["PTERO_SHARED_LIBC"] == nil ? "-static-executable" : "-static-stdlib"
let standalone: [LinkerSetting] = [
    .unsafeFlags(
        [linkage, "-Xlinker", "-l_FoundationCollections", "-Xlinker", "-l_FoundationCShims"],
        .when(platforms: [.linux], configuration: .release))
]

// What `CompiledTests` carries in itself: headers for C tests, and the scenarios of `ptero kernel`.
let compiledResources =
    [
        "ptero.h", "pgtable-6.1.h", "pgtable-6.12.h", "pgtable-common.h", "kernel-pre.h", "kernel-post.h",
        "kernel-test.h",
        "kernel-services.h", "kernel-shootdown.h", "services.h", "service-names.h",
    ]
    + [
        "access-flags", "fork", "gup-fast", "ksm", "lazy-tlb", "mprotect", "mremap", "munmap", "reclaim", "reuse",
        "shadow-stack", "shadow-stack-reuse", "soft-dirty", "thp-collapse", "thp-split", "uffd-wp", "writeback",
        "wrprotect", "zap",
    ].map { $0 + ".litmus" }

// What makes the pages of the libraries, for Scripts/site alone: nobody else has to fetch it.
let documentation: [Package.Dependency] =
    Context.environment["PTERO_SITE"] == nil
    ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

// Dependencies on other packages come with the trait Programs.
let programs: TargetDependencyCondition? = .when(traits: ["Programs"])

let package = Package(
    name: "ptero",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ptero", targets: ["PteroMain"]),
        .library(name: "Ptero", targets: ["Ptero"]),
        .library(name: "PageTable", targets: ["PageTable"]),
        .library(name: "AddressSpace", targets: ["AddressSpace"]),
        .library(name: "X86", targets: ["X86"]),
        .library(name: "Litmus", targets: ["Litmus"]),
        .library(name: "Checker", targets: ["Machine", "Explorer", "Checker"]),
    ],
    // A package that wants `PageTable` and `AddressSpace` says `traits: []`, and gets no other package.
    traits: [
        .default(enabledTraits: ["Programs"]),
        .trait(name: "Programs", description: "Other packages, for CompiledTests, Timing, Ptero and PteroCLI."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ] + documentation,
    targets: [
        // The house, from the ground up: a target imports only targets above it in this list.
        .target(name: "Diagnostics", swiftSettings: strict),
        .target(name: "PageTable", swiftSettings: strict),
        .target(name: "AddressSpace", dependencies: ["PageTable"], swiftSettings: strict),
        .target(name: "X86", dependencies: ["Diagnostics"], swiftSettings: strict),
        .target(name: "Litmus", dependencies: ["Diagnostics", "PageTable", "X86"], swiftSettings: strict),
        .target(name: "Machine", dependencies: ["Diagnostics", "PageTable", "X86", "Litmus"], swiftSettings: strict),
        .target(name: "CHost"),
        .target(name: "Explorer", dependencies: ["CHost"], swiftSettings: strict),
        .target(
            name: "Checker", dependencies: ["Diagnostics", "PageTable", "X86", "Litmus", "Machine", "Explorer"],
            swiftSettings: strict),
        .target(
            name: "Synthesis",
            dependencies: ["Diagnostics", "PageTable", "X86", "Litmus", "Machine", "Explorer", "Checker"],
            swiftSettings: strict),
        // Its folder Costs is a link to the one beside this file.
        .target(
            name: "ProfileFiles", dependencies: ["Diagnostics", "Machine", "Synthesis"],
            resources: ["amd-epyc-zen4", "intel-emerald-rapids"].map { .embedInCode("Costs/\($0).json5") },
            swiftSettings: strict),
        .target(
            name: "CompiledTests",
            dependencies: [
                "Diagnostics", "Litmus", "X86", "PageTable",
                .product(name: "Subprocess", package: "swift-subprocess", condition: programs),
                .product(name: "SystemPackage", package: "swift-system", condition: programs),
            ],
            resources: compiledResources.map { .embedInCode("Resources/\($0)") },
            swiftSettings: strict),
        .target(
            name: "Timing",
            dependencies: [
                "Diagnostics", "Litmus", "X86", "Synthesis", "CompiledTests",
                .product(name: "Subprocess", package: "swift-subprocess", condition: programs),
                .product(name: "SystemPackage", package: "swift-system", condition: programs),
            ],
            resources: [.embedInCode("Resources/measure.c")],
            swiftSettings: strict),
        .target(
            name: "Report",
            dependencies: ["Diagnostics", "PageTable", "X86", "Litmus", "Machine", "Explorer", "Checker", "Synthesis"],
            swiftSettings: strict),
        // The one module that a program has to import.
        .target(
            name: "Ptero",
            dependencies: [
                "Diagnostics", "Litmus", "Machine", "Explorer", "Checker", "Report",
                .product(name: "SystemPackage", package: "swift-system", condition: programs),
            ],
            swiftSettings: strict),
        .target(
            name: "PteroCLI",
            dependencies: [
                "Diagnostics", "ProfileFiles", "CompiledTests", "Report", "Checker", "Litmus", "Machine", "Explorer",
                "X86", "PageTable", "Synthesis", "Timing",
                .product(name: "ArgumentParser", package: "swift-argument-parser", condition: programs),
                .product(name: "SystemPackage", package: "swift-system", condition: programs),
            ],
            swiftSettings: strict),
        // Not `ptero`: on a disk that ignores case its folder would be that of `Ptero`. The product has the name.
        .executableTarget(
            name: "PteroMain", dependencies: ["PteroCLI"], swiftSettings: strict, linkerSettings: standalone),

        // What only tests use.
        .target(name: "X86Native", path: "Tests/Support/X86Native"),
        .target(name: "TestSupport", path: "Tests/Support/TestSupport", swiftSettings: strict),
        .target(
            name: "Oracle", dependencies: ["Diagnostics", "Litmus", "X86", "PageTable"], path: "Tests/Support/Oracle",
            swiftSettings: strict),
        .target(
            name: "Generator", dependencies: ["TestSupport", "Litmus", "X86"], path: "Tests/Support/Generator",
            swiftSettings: strict),
        .executableTarget(
            name: "differential",
            dependencies: [
                "TestSupport", "Diagnostics", "Generator", "Oracle", "Checker", "Litmus", "Machine", "Explorer",
                "PageTable",
            ],
            path: "Tests/Support/Differential", swiftSettings: strict),
        // Draws the tables of Benchmarks/README.md.
        .executableTarget(name: "plots", dependencies: ["Report"], path: "Tests/Support/Plots", swiftSettings: strict),

        .testTarget(name: "PageTableTests", dependencies: ["PageTable"], swiftSettings: strict),
        .testTarget(
            name: "AddressSpaceTests", dependencies: ["TestSupport", "AddressSpace", "PageTable"],
            swiftSettings: strict),
        .testTarget(
            name: "X86Tests", dependencies: ["TestSupport", "Diagnostics", "X86", "X86Native"], swiftSettings: strict),
        .testTarget(
            name: "LitmusTests", dependencies: ["TestSupport", "Diagnostics", "Litmus", "X86", "PageTable"],
            swiftSettings: strict),
        .testTarget(
            name: "MachineTests", dependencies: ["Diagnostics", "Machine", "Litmus", "X86", "PageTable"],
            swiftSettings: strict),
        .testTarget(
            name: "SynthesisTests",
            dependencies: [
                "TestSupport", "Diagnostics", "Synthesis", "Checker", "Explorer", "Litmus", "Machine", "X86",
                "PageTable",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TimingTests", dependencies: ["Diagnostics", "Timing", "Synthesis", "CompiledTests", "Litmus"],
            swiftSettings: strict),
        .testTarget(
            name: "ProfileFilesTests",
            dependencies: ["TestSupport", "Diagnostics", "ProfileFiles", "Machine", "Synthesis"],
            swiftSettings: strict),
        .testTarget(name: "ExplorerTests", dependencies: ["TestSupport", "Explorer"], swiftSettings: strict),
        .testTarget(
            name: "CheckerTests",
            dependencies: [
                "TestSupport", "Diagnostics", "Report", "Checker", "Litmus", "Machine", "Explorer", "X86", "X86Native",
                "Oracle",
                "Generator",
            ],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "CompiledTestsTests",
            dependencies: [
                "TestSupport", "Diagnostics", "CompiledTests", "Report", "Checker", "Litmus", "Machine", "X86",
                "PageTable",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReportTests",
            dependencies: [
                "Diagnostics", "Report", "Checker", "Litmus", "Machine", "X86", "Synthesis", "TestSupport",
            ],
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "PteroTests",
            dependencies: ["Diagnostics", "Litmus", "Machine", "Checker", "Report", "Ptero", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "PteroCLITests",
            dependencies: [
                "Diagnostics", "ProfileFiles", "PteroCLI", "CompiledTests", "Report", "Checker", "Litmus", "Machine",
                "Explorer", "X86", "TestSupport",
            ],
            exclude: ["Golden"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
