// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors in every target of this package; dependencies are built as they come.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "ptero",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "PageTable", targets: ["PageTable"]),
    ],
    dependencies: [
    ],
    targets: [
        // The house, from the ground up: a target imports only targets above it in this list.
        .target(name: "PageTable", swiftSettings: strict),

        .testTarget(name: "PageTableTests", dependencies: ["PageTable"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
