import Diagnostics
import Litmus
import X86

/// The static keys that code reads: branches that the kernel patches, with jump labels compiled out plain variables.
///
/// The first word of a key counts who switched it on. `kernel-post.h` leaves a symbol for each key that a header or source
/// declares, with the value that the declaration gives it.
struct StaticKeys {
    /// Whether the declaration says on, by name.
    private let declared: [String: Bool]
    /// What the test sets, by name.
    private let settings: [String: Bool]

    /// Reads what a test sets with `StaticKey=`.
    ///
    /// - Throws: `Diagnostic` for a name that no header or source of the test declares as a key, and for keys
    ///   without a kernel.
    init(_ listing: AssemblyListing, _ test: LitmusTest, _ file: String?, hasTree: Bool) throws(Diagnostic) {
        var declared: [String: Bool] = [:]
        for (symbol, value) in listing.aliases where symbol.hasPrefix(CompiledName.staticKey) {
            declared[String(symbol.dropFirst(CompiledName.staticKey.count))] = value == "1"
        }
        var settings: [String: Bool] = [:]
        for header in test.headers where header.key == "StaticKey" {
            guard hasTree else {
                throw Diagnostic(
                    file: file, span: header.span, message: "`StaticKey=` needs a kernel, whose keys it sets",
                    remedy: "name one with --kernel-tree")
            }
            for written in header.value.split(whereSeparator: { $0 == " " || $0 == "," }) {
                let isOff = written.hasPrefix("-")
                let name = String(isOff ? written.dropFirst() : written)
                guard declared[name] != nil else {
                    let near = NearName.of(name, among: declared.keys.sorted())
                    throw Diagnostic(
                        file: file, span: header.span(of: String(written)),
                        message: "no header or source of this test declares a static key `\(name)`",
                        remedy: near.map { "did you mean `\($0)`?" }
                            ?? "name a key of DECLARE_STATIC_KEY or DEFINE_STATIC_KEY; a minus in front switches it off"
                    )
                }
                settings[name] = !isOff
            }
        }
        self.declared = declared
        self.settings = settings
    }

    /// Whether a symbol is a key.
    func isKey(_ symbol: String) -> Bool { declared[symbol] != nil }

    /// Whether a key is on at the start: as the test says, else as its declaration does.
    func isOn(_ key: String) -> Bool { settings[key] ?? declared[key] ?? false }

    /// What a test's output says about the keys that its code reads; nil when it reads none.
    func assumption(_ keys: [String]) -> String? {
        let kept = keys.filter { settings[$0] == nil }.sorted()
        guard !kept.isEmpty else { return nil }
        return "static keys are as declared (StaticKey= sets them): "
            + kept.map { "\($0) \(isOn($0) ? "on" : "off")" }.joined(separator: ", ")
    }
}
