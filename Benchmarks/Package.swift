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
            ])
    ],
    swiftLanguageModes: [.v6]
)
