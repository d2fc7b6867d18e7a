// swift-tools-version: 6.2
import PackageDescription

// Flags for every target, the libraries of Ptero included, are in toolset.json; these are for this package alone.
// `-no-allocations` makes the compiler refuse code that needs a heap.
let bare: [SwiftSetting] = [.treatAllWarnings(as: .error), .unsafeFlags(["-no-allocations"])]

// The toolchain's lld links: no C library, no start files, and the places of kernel.ld. For a target without a system
// clang would call gcc to link; for Linux it calls lld itself, and nothing of Linux gets in.
let image: [LinkerSetting] = [
    .unsafeFlags(
        ["-use-ld=lld"]
            + ["--target=x86_64-unknown-linux-gnu", "-nostdlib", "-static"].flatMap { ["-Xclang-linker", $0] }
            + ["-T", "\(Context.packageDirectory)/kernel.ld", "-z", "max-page-size=4096"].flatMap { ["-Xlinker", $0] })
]

let package = Package(
    name: "BareKernel",
    dependencies: [.package(name: "ptero", path: "../..", traits: [])],
    targets: [
        .target(name: "Boot"),
        .executableTarget(
            name: "BareKernel",
            dependencies: [
                "Boot", .product(name: "PageTable", package: "ptero"), .product(name: "AddressSpace", package: "ptero"),
            ],
            swiftSettings: bare, linkerSettings: image),
    ],
    swiftLanguageModes: [.v6]
)
