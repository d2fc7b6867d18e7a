import Diagnostics

/// The header lines about roots and tags: `Levels=5`, `PTI=on`, `Pcid=mm:1 child:1`.
extension LitmusTest {
    /// `Levels=`: how many levels the page table has, 4 where the head does not say it.
    public var levels: Int { Paging(headers).levels }

    /// `PTI=on`: each address space has a second root and a second tag for user mode, as `mm:user`.
    public var hasUserRoots: Bool { Paging(headers).hasUserRoots }

    /// `Pcid=`: PCIDs by the names of address spaces; others have their numbers.
    public var processContexts: [String: Int] {
        processContextsHeader.flatMap { try? HeaderValue.processContexts($0) } ?? [:]
    }

    /// Whether `Pcid=` gives several address spaces one PCID.
    public var sharesContexts: Bool { Set(processContexts.values).count < processContexts.count }

    /// Where `Pcid=` names an address space, or the line as a whole; nil where there is no such line.
    package func span(inProcessContexts name: String) -> SourceSpan? {
        processContextsHeader?.span(of: name)
    }

    /// Where `Levels=` is.
    package var levelsSpan: SourceSpan? { levelsHeader?.span }

    private var levelsHeader: Header? { headers.last { $0.key == HeaderKey.levels.rawValue } }
    private var processContextsHeader: Header? { headers.last { $0.key == HeaderKey.processContexts.rawValue } }
}

/// What the head says that decides what names mean.
struct Paging {
    var levels = 4
    var hasUserRoots = false

    init() {}

    init(_ headers: [Header]) {
        for header in headers where header.condition == nil {
            switch HeaderKey(rawValue: header.key) {
            case .levels: levels = (try? HeaderValue.levels(header)) ?? 4
            case .userTables: hasUserRoots = (try? HeaderValue.userRoots(header)) ?? false
            default: break
            }
        }
    }
}

/// Names of address spaces: `child`, and with `PTI=on` `child:user`.
public enum SpaceName {
    /// What comes after an address space's name where its root for user mode is meant.
    private static let suffix = ":user"

    /// The root for user mode of an address space.
    public static func user(of space: String) -> String { space + suffix }

    /// The address space whose root for user mode a name means; nil for others.
    public static func owner(ofUser name: String) -> String? {
        name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : nil
    }

    /// The address space of a name with or without `:user`.
    public static func owner(_ name: String) -> String { owner(ofUser: name) ?? name }
}

extension HeaderValue {
    static func levels(_ header: Header) throws(Diagnostic) -> Int {
        guard let levels = Int(header.value), levels == 4 || levels == 5 else {
            throw header.fault(
                "`\(header.value)` is not a number of levels", at: header.value,
                remedy: "write `Levels=5`; without the line there are four")
        }
        return levels
    }

    static func userRoots(_ header: Header) throws(Diagnostic) -> Bool {
        guard header.value == "on" || header.value == "off" else {
            throw header.fault(
                "`\(header.value)` is neither on nor off", at: header.value,
                remedy: "write `PTI=on`; without the line an address space has one root")
        }
        return header.value == "on"
    }

    static func processContexts(_ header: Header) throws(Diagnostic) -> [String: Int] {
        let words = words(header.value)
        let remedy = "write `Pcid=\(HeaderKey.processContexts.example)`: an address space and its PCID, 0 to 4095"
        if words.isEmpty { throw header.fault("`Pcid=` names no address space", at: "", remedy: remedy) }
        var contexts: [String: Int] = [:]
        for word in words {
            guard let colon = word.lastIndex(of: ":"), let context = UInt16(word[word.index(after: colon)...]),
                context < 4096, SpaceName.owner(String(word[..<colon])).isVariableName
            else { throw header.fault("`\(word)` is not an address space and its PCID", at: word, remedy: remedy) }
            guard contexts.updateValue(Int(context), forKey: String(word[..<colon])) == nil else {
                throw header.fault("`\(word[..<colon])` is given two PCIDs", at: word, remedy: "keep one")
            }
        }
        return contexts
    }
}
