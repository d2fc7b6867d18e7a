// swift-tools-version: 6.2
import PackageDescription

// A package of its own: the way from a test to a verdict once more, as Embedded Swift, which starts without Swift's run-time
// library. See README.md.

// The parts of the whole program that are in here, by links in `Sources/ptero-front`.
let house = ["PageTable", "X86", "Litmus", "Machine", "Explorer", "Checker", "Report"]

let embedded: [SwiftSetting] = [
    .enableExperimentalFeature("Embedded"), .treatAllWarnings(as: .error),
    .unsafeFlags(["-wmo", "-Osize", "-Xfrontend", "-function-sections"]),
]
let freestanding: [CSetting] = [.unsafeFlags(["-ffreestanding", "-fno-stack-protector", "-O2"])]

let package = Package(
    name: "front",
    products: [.executable(name: "ptero-front", targets: ["ptero-front"])],
    // All sources are one module: Swift 6.3 gives the tables of a function that several modules carry the same names with
    // different contents, and the linker takes any of them. What the sources import are modules of these names without
    // anything in them.
    targets: house.map { name in
        .target(name: name, path: "Sources/Names/\(name)", swiftSettings: embedded)
    } + [
        .target(name: "CHost", path: "Sources/CHost"),
        .target(name: "CFrontMemory", cSettings: freestanding),
        .target(name: "CFront", dependencies: ["CFrontMemory"], cSettings: freestanding),
        .executableTarget(
            name: "ptero-front", dependencies: house.map { .byName(name: $0) } + ["CHost", "CFront"],
            // Files of profiles are read by Foundation.
            exclude: house.map { "\($0)/\($0).docc" }
                + ["Machine/ProfileFile.swift", "Machine/ProfileOutline.swift", "Machine/Profiles"],
            swiftSettings: embedded,
            linkerSettings: [
                // The library's place is told from where the linker looks for Swift's other libraries.
                .unsafeFlags([
                    "-use-ld=lld", "-Xclang-linker", "-static", "-Xclang-linker", "-nostdlib", "-Xclang-linker",
                    "-Wno-unused-command-line-argument", "-Xlinker",
                    "-l:../embedded/x86_64-unknown-linux-gnu/libswiftUnicodeDataTables.a",
                ]),
                // Each page of code that is touched costs more than most of what is done with it: equal functions are one.
                .unsafeFlags(
                    ["-Xlinker", "--strip-all", "-Xlinker", "--icf=all"], .when(configuration: .release)),
            ]),
        .testTarget(
            name: "CFrontMemoryTests", dependencies: ["CFrontMemory"], swiftSettings: [.treatAllWarnings(as: .error)]),
    ],
    swiftLanguageModes: [.v6]
)
