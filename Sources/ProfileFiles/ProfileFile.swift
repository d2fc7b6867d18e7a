import Diagnostics
import Machine

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file of CPU profiles in JSON5 (JSON with comments and bare names).
package struct ProfileFile: Decodable, Sendable, Hashable {
    /// The profiles in file order.
    package var profiles: [CPUProfile]
    /// Profiles that are used only where somebody names them.
    package var onRequest: [CPUProfile]?

    /// Reads profiles from JSON5 text.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - name: the file's name, for the error.
    /// - Throws: `Diagnostic` that says where the text is wrong, and which field of which profile.
    package static func read(_ text: String, name: String) throws(Diagnostic) -> ProfileFile {
        func fault(_ message: String, at place: SourcePlace?) -> Diagnostic {
            Diagnostic(
                file: name, span: place.map { SourceSpan($0) }, message: message,
                remedy: "start from a copy of what `ptero profiles --file` prints")
        }
        let outline: JSON5Outline
        do throws(Diagnostic) {
            outline = try JSON5Outline(text)
        } catch { throw fault(error.message, at: error.place) }
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        let file: ProfileFile
        do {
            file = try decoder.decode(ProfileFile.self, from: Data(text.utf8))
        } catch let error as DecodingError {
            let (path, message) = describe(error)
            throw fault(message, at: outline.place(of: path))
        } catch {
            throw fault("\(error)", at: nil)
        }
        var seen: Set<String> = []
        let listed =
            file.profiles.enumerated().map { ("profiles[\($0.offset)]", $0.element) }
            + (file.onRequest ?? []).enumerated().map { ("onRequest[\($0.offset)]", $0.element) }
        for (path, profile) in listed {
            let place = outline.places[".\(path).name"]
            guard !profile.name.isEmpty,
                profile.name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
            else { throw fault("a profile's name has letters, digits, - and _ only", at: place) }
            guard seen.insert(profile.name).inserted else {
                throw fault("two profiles are named \(profile.name)", at: place)
            }
        }
        guard !file.profiles.isEmpty else {
            throw fault("the file has no profile", at: outline.places[".profiles"])
        }
        if let (path, place) = unknownField(in: outline) {
            throw fault("a profile has no field \(path.split(separator: ".").last ?? "")", at: place)
        }
        return file
    }

    /// A slip in the name of a field that may be left out would go unnoticed.
    private static func unknownField(in outline: JSON5Outline) -> (path: String, place: SourcePlace)? {
        let unknown = outline.places.filter { path, _ in
            guard path.hasPrefix(".profiles[") || path.hasPrefix(".onRequest["), let dot = path.lastIndex(of: ".")
            else {
                return false
            }
            let field = path[path.index(after: dot)...]
            return dot != path.startIndex && !CPUProfile.fieldNames.contains(String(field))
        }
        return unknown.min { $0.value < $1.value }.map { ($0.key, $0.value) }
    }

    private static func describe(_ error: DecodingError) -> (path: [any CodingKey], message: String) {
        switch error {
        case .keyNotFound(let key, let context):
            let place = JSON5Outline.name(context.codingPath)
            return (context.codingPath, "field \(key.stringValue) is missing" + (place.isEmpty ? "" : " at \(place)"))
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let path = context.codingPath
            guard !path.isEmpty else { return (path, "this is not JSON5: \(context.debugDescription)") }
            return (path, "wrong value at \(JSON5Outline.name(path)): \(meaning(path) ?? context.debugDescription)")
        @unknown default: return ([], "\(error)")
        }
    }

    /// What a field can be, for those that have words of their own.
    private static func meaning(_ path: [any CodingKey]) -> String? {
        let words = path.last.flatMap { ProfileField(rawValue: $0.stringValue) }?.words ?? []
        return words.isEmpty ? nil : "it can be " + words.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
