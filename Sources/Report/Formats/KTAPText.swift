import Checker
import Diagnostics
import Litmus

/// KTAP, version 1 (the kernel's Documentation/dev-tools/ktap.rst): a test for each test, a subtest for each profile.
struct KTAPText {
    private let document: CheckDocument
    private var body = ""
    private var number = 0

    init(_ document: CheckDocument) { self.document = document }

    /// The text.
    func rendered() -> String {
        var text = self
        let tests = document.groups.reduce(0) { $0 + $1.tests.count }
        let skipped = document.skipped.reduce(0) { $0 + $1.count }
        text.body = "KTAP version 1\n1..\(tests + document.faults.count + skipped)\n"
        for group in document.groups { for test in group.tests { text.add(test, group) } }
        for fault in document.faults {
            for diagnostic in fault.diagnostics {
                text.note("\(printable(diagnostic.origin)): \(diagnostic.sentences)", "")
            }
            text.result(isGood: false, fault.name)
        }
        for group in document.skipped {
            for position in 0..<group.count {
                let name = group.files.indices.contains(position) ? group.files[position] : group.noun
                text.result(isGood: true, name, skip: group.reason)
            }
        }
        for line in document.lines { text.note(line, "") }
        return text.body
    }

    private mutating func add(_ test: TestFindings, _ group: ReportPage.Group) {
        var name = Self.name(test.test.title)
        // A reader that finds the name of the test in a result takes it for the end of the subtests.
        if test.findings.contains(where: { Self.name($0.verdict.profile) == name }) { name += " (test)" }
        guard !test.findings.isEmpty else {
            result(isGood: true, name, skip: "for other profiles")
            return
        }
        let indent = "    "
        body += "\(indent)KTAP version 1\n\(indent)# Subtest: \(name)\n\(indent)1..\(test.findings.count)\n"
        var failures = FailureText()
        var isGood = true
        for (position, finding) in test.findings.enumerated() {
            let shortfall = test.shortfall(of: finding, isStrict: document.isStrict)
            if let shortfall {
                isGood = false
                let lines = failures.lines(of: finding, in: test, shortfall, replay: group.replay)
                for line in lines { note("\(finding.verdict.profile): \(line)", indent) }
            }
            let profile = Self.name(finding.verdict.profile)
            body += "\(indent)\(shortfall == nil ? "ok" : "not ok") \(position + 1) \(profile)\n"
        }
        result(isGood: isGood, name)
    }

    private mutating func result(isGood: Bool, _ name: String, skip: String? = nil) {
        number += 1
        let directive = skip.map { " # SKIP \(Self.name($0))" } ?? ""
        body += "\(isGood ? "ok" : "not ok") \(number) \(Self.name(name))\(directive)\n"
    }

    private mutating func note(_ line: String, _ indent: String) {
        var line = printable(line)
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        body += "\(indent)# \(Self.harmless(line))\n"
    }

    /// A name as results have it: without what begins a directive.
    static func name(_ text: String) -> String {
        let words = printable(text).split(separator: " ").joined(separator: " ")
        let name = String(words.map { $0 == "#" ? "_" : $0 })
        return name.isEmpty ? "unnamed" : harmless(name)
    }

    /// What a kernel's log ends with, as readers know it; they would not read on.
    private static let ends = ["List of all partitions:", "Kernel panic - not syncing: VFS:", "reboot: System halted"]

    private static func harmless(_ line: String) -> String {
        let bytes = Array(line.utf8)
        let isEnd = ends.contains { end in
            let end = Array(end.utf8)
            return bytes.indices.contains { bytes[$0...].starts(with: end) }
        }
        return isEnd ? String(line.filter { $0 != ":" }) : line
    }
}
