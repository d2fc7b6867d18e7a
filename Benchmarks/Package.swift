// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that the product carries no dependency of a benchmark.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "ptero", path: "..")],
    targets: [
        .executableTarget(
            name: "ForkBenchmark",
            dependencies: [
                .product(name: "PageTable", package: "ptero"), .product(name: "AddressSpace", package: "ptero"),
            ]),
        // The same operations in plain C. Without the alignment the times of short loops depend on where the linker puts them.
        .target(name: "CTables", cSettings: [.unsafeFlags(["-O3", "-falign-loops=64"])]),
        .executableTarget(
            name: "AddressSpaceBenchmark",
            dependencies: [
                "CTables", .product(name: "PageTable", package: "ptero"),
                .product(name: "AddressSpace", package: "ptero"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
