import Foundation

/// What the machine that the tests run on has.
package enum Installed {
    /// The search path, where compilers are found.
    package static let path = ProcessInfo.processInfo.environment["PATH"] ?? ""

    /// A program of this package as it was built with the tests; nil where it was not.
    package static func program(_ name: String) -> URL? {
        ["debug", "release"].map { Checkout.file(".build/\($0)/\(name)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// The header packages of a Linux series, for example "6.12", the newest first; plain amd64 kernels only.
    package static func headerPackages(_ series: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/src")) ?? []
        return names.filter { name in
            name.hasPrefix("linux-headers-\(series).") && name.hasSuffix("-amd64") && !name.contains("-rt-")
                && !name.contains("-cloud-")
        }
        .sorted { $0.compare($1, options: .numeric) == .orderedDescending }.map { "/usr/src/" + $0 }
    }
}
