import Diagnostics
import Synthesis

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Files of prices in JSON5: what building blocks cost on a machine.
package enum CostFile {
    /// The files of prices that come with Ptero, by the names that options take.
    package static let shipped: [(name: String, text: String)] = [
        ("amd-epyc-zen4", String(decoding: PackageResources.amd_epyc_zen4_json5, as: UTF8.self)),
        ("intel-emerald-rapids", String(decoding: PackageResources.intel_emerald_rapids_json5, as: UTF8.self)),
    ]

    /// The fields of a file besides one for each setting.
    private static let heads = ["machine", "date", "nanoseconds"]
    private static let settings = CostSetting.allCases.map { $0.rawValue }
    /// No price is greater: a page fault is some thousand times `lock andb`.
    private static let mostRatio = 1e9

    /// Reads prices from JSON5 text.
    ///
    /// - Parameters:
    ///   - text: the file's content.
    ///   - name: the file's name, for the error.
    /// - Throws: `Diagnostic` that says where the text is wrong, and which field.
    package static func read(_ text: String, name: String) throws(Diagnostic) -> CostTable {
        let outline: JSON5Outline
        do throws(Diagnostic) {
            outline = try JSON5Outline(text)
        } catch {
            throw Diagnostic(
                file: name, span: error.place.map { SourceSpan($0) }, message: error.message, remedy: remedy)
        }
        let reader = Reader(name: name, outline: outline)
        try reader.checkNames()
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        let content: Content
        do {
            content = try decoder.decode(Content.self, from: Data(text.utf8))
        } catch let error as DecodingError {
            throw reader.fault(error)
        } catch {
            throw reader.fault("\(error)", at: "")
        }
        return try reader.table(content)
    }

    fileprivate static let remedy =
        "`ptero measure --cost-file FILE` writes such a file, and `ptero measure --show` one's prices"

    /// What the decoder reads.
    private struct Content: Decodable {
        var machine: String
        var date: String
        var nanoseconds: [String: Double]?
        var prices: [String: [String: Price]] = [:]

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: AnyName.self)
            machine = try fields.decode(String.self, forKey: AnyName("machine"))
            date = try fields.decode(String.self, forKey: AnyName("date"))
            nanoseconds = try fields.decodeIfPresent([String: Double].self, forKey: AnyName("nanoseconds"))
            for setting in settings {
                prices[setting] = try fields.decodeIfPresent([String: Price].self, forKey: AnyName(setting))
            }
        }
    }

    private struct Price: Decodable {
        var minimum: Double
        var spread: Double
    }

    private struct AnyName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Checks what a file says, and knows where it says it.
    private struct Reader {
        let name: String
        let outline: JSON5Outline

        func fault(_ message: String, at path: String, remedy: String = CostFile.remedy) -> Diagnostic {
            Diagnostic(
                file: name, span: (outline.places[path] ?? outline.places[""]).map { SourceSpan($0) }, message: message,
                remedy: remedy)
        }

        func fault(_ error: DecodingError) -> Diagnostic {
            let path: [any CodingKey]
            let message: String
            switch error {
            case .keyNotFound(let key, let context):
                path = context.codingPath
                message = "field \(key.stringValue) is missing"
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                path = context.codingPath
                message = path.isEmpty ? "a file of prices is one { }" : wanted(path)
            @unknown default:
                path = []
                message = "\(error)"
            }
            let span = outline.place(of: path).map { SourceSpan($0) }
            return Diagnostic(file: name, span: span, message: message, remedy: CostFile.remedy)
        }

        /// What belongs at a place.
        private func wanted(_ path: [any CodingKey]) -> String {
            let field = JSON5Outline.name(path)
            switch (path[0].stringValue, path.count) {
            case ("machine", _), ("date", _): return "\(field) is not a text in quotes"
            case ("nanoseconds", 1): return "nanoseconds is not a { } of numbers"
            case (_, 1): return "\(field) is not a { } of prices"
            case ("nanoseconds", _): return "\(field) is not a number"
            case (_, 2): return "\(field) is not a price: a price is { minimum: 1.5, spread: 0.02 }"
            default: return "\(field) is not a number"
            }
        }

        /// A slip in a name would lose a price without a word.
        func checkNames() throws(Diagnostic) {
            let places = outline.places.sorted { $0.value < $1.value }
            for (path, _) in places {
                let parts = path.split(separator: ".").map { String($0) }
                guard let last = parts.last, path.hasPrefix("."), parts[0].last != "]" else { continue }
                switch parts.count {
                case 1: try check(last, among: heads + CostFile.settings, path, "a file of prices has no field")
                case 2 where parts[0] == "nanoseconds":
                    try check(last, among: CostFile.settings, path, "there is no table")
                case 2 where CostFile.settings.contains(parts[0]):
                    try check(
                        last, among: CostItem.allCases.map { $0.rawValue }, path, "there is no building block")
                case 3 where CostFile.settings.contains(parts[0]):
                    try check(last, among: ["minimum", "spread"], path, "a price has no field")
                default: continue
                }
            }
        }

        private func check(
            _ written: String, among known: [String], _ path: String, _ message: String
        ) throws(Diagnostic) {
            guard !known.contains(written) else { return }
            let near = NearName.of(written, among: known)
            let list =
                known.count <= 8 ? "known: " + known.map { "`\($0)`" }.joined(separator: ", ") : CostFile.remedy
            throw fault(
                "\(message) \(written)", at: path, remedy: near.map { "did you mean `\($0)`?" } ?? list)
        }

        func table(_ content: Content) throws(Diagnostic) -> CostTable {
            guard !content.machine.isEmpty else { throw fault("the machine has no name", at: ".machine") }
            guard isDate(content.date) else {
                throw fault("the date is not like 2026-11-29", at: ".date", remedy: "write year-month-day")
            }
            var table = CostTable(machine: content.machine, date: content.date, prices: [:])
            for setting in CostSetting.allCases {
                if let time = content.nanoseconds?[setting.rawValue] {
                    try check(time, ".nanoseconds.\(setting.rawValue)")
                    table.nanoseconds[setting] = time
                }
                for (item, price) in content.prices[setting.rawValue] ?? [:] {
                    let path = ".\(setting.rawValue).\(item)"
                    try check(price.minimum, path + ".minimum")
                    try check(price.spread, path + ".spread")
                    guard let item = CostItem(rawValue: item) else { continue }
                    table.prices[setting, default: [:]][item] = CostEntry(
                        minimum: price.minimum, spread: price.spread)
                }
            }
            guard let unit = table[.unit] else {
                throw fault(
                    "there is no price of \(CostItem.unit.rawValue) in \(CostSetting.small.rawValue), which is the unit",
                    at: ".\(CostSetting.small.rawValue)")
            }
            guard (0.5...2).contains(unit.minimum) else {
                throw fault(
                    "\(CostItem.unit.rawValue) is the unit, and its price is near 1",
                    at: ".\(CostSetting.small.rawValue).\(CostItem.unit.rawValue).minimum")
            }
            return table
        }

        private func check(_ number: Double, _ path: String) throws(Diagnostic) {
            guard number.isFinite, number >= 0, number <= CostFile.mostRatio else {
                throw fault("\(path.dropFirst()) is not a number from 0 to 1e9", at: path)
            }
        }

        private func isDate(_ text: String) -> Bool {
            if text.isEmpty { return true }
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            let isNumeric = parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
            guard parts.map({ $0.count }) == [4, 2, 2], isNumeric, let month = Int(parts[1]), let day = Int(parts[2])
            else { return false }
            return (1...12).contains(month) && (1...31).contains(day)
        }
    }
}
