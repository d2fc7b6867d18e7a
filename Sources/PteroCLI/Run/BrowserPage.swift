import Diagnostics
import Report

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The page that `Web/build` makes, and a place in it for a test.
struct BrowserPage {
    private let before: Substring
    private let after: Substring

    /// What stands in the page where a test can stand.
    private static let place = (
        start: "<script type=\"application/json\" id=\"given\">", empty: "null", end: "</script>"
    )
    /// No page is larger.
    private static let mostBytes = 64 << 20

    /// The page of this name, or that of the checkout or the installation.
    /// - Throws: `Diagnostic` where there is none, or it is something else.
    init(named name: String?, _ surroundings: Surroundings) throws(Diagnostic) {
        let found: String
        if let name { found = name } else { found = try CorpusLocation(surroundings: surroundings).findPage() }
        guard let bytes = try? Files.contents(surroundings.resolved(found), atMost: Self.mostBytes + 1) else {
            throw Diagnostic(
                withoutPlace: "the page \(found) cannot be read", remedy: "Web/build makes it; Web/README.md says how")
        }
        let whole = Self.place.start + Self.place.empty + Self.place.end
        guard bytes.count <= Self.mostBytes, let text = String(validating: bytes, as: UTF8.self),
            let range = text.firstRange(of: whole)
        else {
            throw Diagnostic(
                withoutPlace: "\(found) is not a page without a test", remedy: "name the one that Web/build made")
        }
        before = text[..<range.lowerBound]
        after = text[range.upperBound...]
    }

    /// A test for the page.
    struct Given {
        /// What the page calls its file.
        var file: String
        /// Its text.
        var text: String
        /// The class of CPUs to begin with; nil for the test's first.
        var profile: String?
        /// What a compiler made of it; nil for a test in columns.
        var code: [UInt8]?
    }

    /// The page with a test in it.
    ///
    /// Nothing in the test can end the element that holds it.
    func filled(_ given: Given) -> String {
        let json = JSONText.object([
            .init("file", .string(given.file)), .init("text", .string(given.text)),
            .init("profile", .optional(given.profile)),
            .init("code", .optional(given.code.map { Data($0).base64EncodedString() })),
        ])
        let safe = json.text.replacing("<", with: "\\u003c")
        return "\(before)\(Self.place.start)\(safe)\(Self.place.end)\(after)"
    }

    /// Refuses to replace a file that is no such page.
    static func checkReplaceable(_ name: String, _ surroundings: Surroundings) throws(Diagnostic) {
        let path = surroundings.resolved(name)
        guard Files.exists(path) else { return }
        if let bytes = try? Files.contents(path, atMost: mostBytes),
            String(decoding: bytes, as: UTF8.self).contains(place.start)
        {
            return
        }
        throw Diagnostic(
            withoutPlace: "\(name) is there, and is no such page", remedy: "name another file: --output FILE")
    }
}
