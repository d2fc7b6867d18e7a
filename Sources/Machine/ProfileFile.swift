import Yams

/// A file of CPU profiles in YAML, the built-in one or a user's.
public struct ProfileFile: Codable, Sendable, Hashable {
    /// The profiles in file order.
    public var profiles: [CPUProfile]

    /// The profiles that come with Ptero, in the order in which tables show them.
    public static var builtIn: [CPUProfile] { CPUProfile.builtIn }

    /// The built-in file as it is written, comments included: a start for a user's own.
    public static var builtInText: String { String(decoding: PackageResources.profiles_yaml, as: UTF8.self) }

    /// Reads profiles from YAML text.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - name: the file's name, for the error.
    /// - Throws: ``ProfileError`` that says which field of which profile is wrong.
    public static func read(_ text: String, name: String) throws(ProfileError) -> [CPUProfile] {
        let file: ProfileFile
        do {
            file = try YAMLDecoder().decode(ProfileFile.self, from: text)
        } catch let error as DecodingError {
            throw ProfileError(file: name, message: describe(error))
        } catch {
            throw ProfileError(file: name, message: "\(error)")
        }
        var seen: Set<String> = []
        for profile in file.profiles {
            guard !profile.name.isEmpty,
                profile.name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
            else { throw ProfileError(file: name, message: "a profile's name has letters, digits, - and _ only") }
            guard seen.insert(profile.name).inserted else {
                throw ProfileError(file: name, message: "two profiles are named \(profile.name)")
            }
        }
        guard !file.profiles.isEmpty else { throw ProfileError(file: name, message: "the file has no profile") }
        return file.profiles
    }

    private static func describe(_ error: DecodingError) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.map { key in key.intValue.map { "[\($0)]" } ?? "." + key.stringValue }.joined()
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "profiles: field \(key.stringValue) is missing at \(place(context.codingPath))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return "profiles: wrong value at \(place(context.codingPath)): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }
}

/// A profile file that cannot be used.
public struct ProfileError: Error, Hashable, Sendable {
    /// The file.
    public var file: String
    /// What is wrong with it.
    public var message: String
    /// What to do about it.
    public var remedy: String { "start from a copy of what `ptero profiles --yaml` prints" }
}
