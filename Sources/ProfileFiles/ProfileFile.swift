import Diagnostics
import Machine

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file of CPU profiles in JSON5 (JSON with comments and bare names), the built-in one or a user's.
public struct ProfileFile: Decodable, Sendable, Hashable {
    /// The profiles in file order.
    public var profiles: [CPUProfile]
    /// Profiles that are used only where somebody names them.
    public var onRequest: [CPUProfile]?

    /// The built-in file as it is written, comments included: a start for a user's own.
    public static var builtInText: String { String(decoding: PackageResources.profiles_json5, as: UTF8.self) }

    /// Reads profiles from JSON5 text.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - name: the file's name, for the error.
    /// - Throws: ``ProfileError`` that says where the text is wrong, and which field of which profile.
    public static func read(_ text: String, name: String) throws(ProfileError) -> ProfileFile {
        let outline: ProfileOutline
        do throws(ProfileOutline.Fault) {
            outline = try ProfileOutline(text)
        } catch { throw ProfileError(file: name, place: error.place, message: error.message) }
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        let file: ProfileFile
        do {
            file = try decoder.decode(ProfileFile.self, from: Data(text.utf8))
        } catch let error as DecodingError {
            let (path, message) = describe(error)
            throw ProfileError(file: name, place: outline.place(of: path), message: message)
        } catch {
            throw ProfileError(file: name, message: "\(error)")
        }
        var seen: Set<String> = []
        let listed =
            file.profiles.enumerated().map { ("profiles[\($0.offset)]", $0.element) }
            + (file.onRequest ?? []).enumerated().map { ("onRequest[\($0.offset)]", $0.element) }
        for (path, profile) in listed {
            func fault(_ message: String) -> ProfileError {
                ProfileError(file: name, place: outline.places[".\(path).name"], message: message)
            }
            guard !profile.name.isEmpty,
                profile.name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
            else { throw fault("a profile's name has letters, digits, - and _ only") }
            guard seen.insert(profile.name).inserted else { throw fault("two profiles are named \(profile.name)") }
        }
        guard !file.profiles.isEmpty else {
            throw ProfileError(file: name, place: outline.places[".profiles"], message: "the file has no profile")
        }
        try checkFieldNames(outline, file: name)
        return file
    }

    /// A slip in the name of a field that may be left out would go unnoticed.
    private static func checkFieldNames(_ outline: ProfileOutline, file: String) throws(ProfileError) {
        let unknown = outline.places.filter { path, _ in
            guard path.hasPrefix(".profiles[") || path.hasPrefix(".onRequest["), let dot = path.lastIndex(of: ".")
            else {
                return false
            }
            let field = path[path.index(after: dot)...]
            return dot != path.startIndex && !CPUProfile.fieldNames.contains(String(field))
        }
        guard
            let (path, place) = unknown.min(by: { ($0.value.line, $0.value.column) < ($1.value.line, $1.value.column) })
        else { return }
        throw ProfileError(
            file: file, place: place, message: "a profile has no field \(path.split(separator: ".").last ?? "")")
    }

    private static func describe(_ error: DecodingError) -> (path: [any CodingKey], message: String) {
        switch error {
        case .keyNotFound(let key, let context):
            let place = ProfileOutline.name(context.codingPath)
            return (context.codingPath, "field \(key.stringValue) is missing" + (place.isEmpty ? "" : " at \(place)"))
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let path = context.codingPath
            guard !path.isEmpty else { return (path, "this is no JSON5: \(context.debugDescription)") }
            return (path, "wrong value at \(ProfileOutline.name(path)): \(meaning(path) ?? context.debugDescription)")
        @unknown default: return ([], "\(error)")
        }
    }

    /// What a field can be, for those that have words of their own.
    private static func meaning(_ path: [any CodingKey]) -> String? {
        let words: [String] =
            switch path.last?.stringValue {
            case "onWriteRevoked", "onNotPresent", "onFrameChanged": LateDirty.allCases.map { $0.rawValue }
            case "storeBuffer": StoreOrder.allCases.map { $0.rawValue }
            default: []
            }
        return words.isEmpty ? nil : "it can be " + words.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}

/// A profile file that cannot be used.
public struct ProfileError: Error, Hashable, Sendable {
    /// The file.
    public var file: String
    /// Where, if it is about a place of the file.
    public var place: SourcePlace?
    /// What is wrong with it.
    public var message: String
    /// What to do about it.
    public var remedy: String { "start from a copy of what `ptero profiles --file` prints" }
}
