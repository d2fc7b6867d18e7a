import Diagnostics
import Litmus
import Machine
import ProfileFiles
import Report

/// The profiles of a run: those that were asked for, and all that tests may name.
struct ProfileSelection: Sendable {
    /// Profiles to check on, in order.
    private(set) var selected: [CPUProfile] = []
    /// Profiles that `CPU=` lines may name: the selected ones and those that come with Ptero.
    private(set) var known = CPUProfile.shipped
    /// Profiles that are checked where a `CPU=` line names them although nobody selected them.
    private(set) var onRequest: [CPUProfile] = []
    /// What to write after `--profile` for profiles that come from files.
    private(set) var arguments: [String: String] = [:]

    /// The profiles that these `--profile` arguments name; without any, all built-in ones.
    ///
    /// Several may be in one argument, separated by commas. A name selects a built-in profile, a path all profiles of a file, `path:name` one of them. A file's profile takes the place of a built-in one of the same name.
    /// - Throws: `Diagnostic` for unknown names and files that cannot be used.
    init(_ requests: [String], _ surroundings: Surroundings) throws(Diagnostic) {
        for request in requests.flatMap({ Self.separated($0, surroundings) }) {
            let found = try Self.profiles(request, surroundings)
            for profile in found.profiles {
                if let file = found.file {
                    if let other = arguments[profile.name], other != "\(file):\(profile.name)" {
                        throw Diagnostic(
                            withoutPlace: "two files have a profile named \(profile.name)",
                            remedy: "name one: --profile FILE:NAME")
                    }
                    arguments[profile.name] = "\(file):\(profile.name)"
                    known.removeAll { $0.name == profile.name }
                    selected.removeAll { $0.name == profile.name }
                    known.append(profile)
                }
                if !selected.contains(where: { $0.name == profile.name }) { selected.append(profile) }
            }
        }
        if requests.isEmpty { (selected, onRequest) = (CPUProfile.builtIn, CPUProfile.onRequest) }
    }

    /// Whether every built-in profile is among the selected ones.
    var isEverybody: Bool {
        CPUProfile.builtIn.allSatisfy { profile in selected.contains(profile) }
    }

    /// The requests in an argument: several are separated by commas, which a file's name may have, too.
    private static func separated(_ request: String, _ surroundings: Surroundings) -> [String] {
        let file = request.lastIndex(of: ":").map { request[..<$0] } ?? request[...]
        let hasCommas = [request[...], file].contains { name in
            name.contains(",") && Files.exists(surroundings.resolved(String(name)))
        }
        return hasCommas ? [request] : request.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func profiles(
        _ request: String, _ surroundings: Surroundings
    ) throws(Diagnostic) -> (profiles: [CPUProfile], file: String?) {
        if let profile = CPUProfile.shipped.first(where: { $0.name == request }) { return ([profile], nil) }
        let parts = request.split(separator: ":", omittingEmptySubsequences: false)
        if !request.isEmpty, Files.exists(surroundings.resolved(request)) {
            return (try read(request, surroundings).profiles, request)
        }
        if parts.count > 1, let name = parts.last {
            let file = parts.dropLast().joined(separator: ":")
            if !file.isEmpty, Files.exists(surroundings.resolved(file)) {
                let content = try read(file, surroundings)
                let profiles = content.profiles + (content.onRequest ?? [])
                guard let profile = profiles.first(where: { $0.name == name }) else {
                    throw Diagnostic(
                        withoutPlace: "\(file) has no profile \(name)",
                        remedy: "it has " + profiles.map(\.name).joined(separator: ", "))
                }
                return ([profile], file)
            }
        }
        throw Diagnostic(
            withoutPlace: "there is no profile \(request), and no file of that name",
            remedy: "profiles: " + CPUProfile.shipped.map(\.name).joined(separator: ", ")
                + "; or a file like the one that `ptero profiles --file` prints")
    }

    private static func read(_ file: String, _ surroundings: Surroundings) throws(Diagnostic) -> ProfileFile {
        let limit = 1 << 20
        let bytes: [UInt8]
        do {
            bytes = try Files.contents(surroundings.resolved(file), atMost: limit + 1)
        } catch {
            throw Diagnostic(
                withoutPlace: "\(file) cannot be read", remedy: "check that it is a file, and its permissions")
        }
        guard bytes.count <= limit, let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic(
                withoutPlace: "\(file) is not a profile file",
                remedy: "start from a copy of what `ptero profiles --file` prints")
        }
        return try ProfileFile.read(text, name: file)
    }
}
