import Foundation
import Generator
import Litmus
import Oracle

var limit = 60_000
var only: String?
var shows = false
var files: [String] = []
var rest = CommandLine.arguments.dropFirst()
while let word = rest.popFirst() {
    switch word {
    case "--limit": limit = Int(rest.popFirst() ?? "") ?? limit
    case "--profile": only = rest.popFirst()
    case "--show": shows = true
    case "--random":
        let count = Int(rest.popFirst() ?? "") ?? 10
        randomTables(seed: UInt64(rest.popFirst() ?? "") ?? 1, first: Int(rest.popFirst() ?? "") ?? 0, count: count, limit: limit, only: only)
    case "--fold":
        let count = Int(rest.popFirst() ?? "") ?? 10
        fold(seed: UInt64(rest.popFirst() ?? "") ?? 1, first: Int(rest.popFirst() ?? "") ?? 0, count: count, limit: limit, level: rest.popFirst() ?? "PMD")
    case "--print":
        print(TableTestGenerator.test(seed: UInt64(rest.popFirst() ?? "") ?? 1, index: Int(rest.popFirst() ?? "") ?? 0).text)
    default: files.append(word)
    }
}
for file in files {
    do {
        let test = try LitmusParser.parse(String(contentsOfFile: file, encoding: .utf8), file: file)
        for (name, profiles) in try test.oracleProfileSets where only == nil || only == name {
            let start = Date()
            do {
                let result = try Oracle.explore(test, profiles: profiles, maxStates: limit)
                let wanted = test.expectation[name]
                let time = String(format: "%.1f", Date().timeIntervalSince(start))
                let mark = wanted == nil || wanted == result.observation ? "ok  " : "DIFF"
                print("\(mark) \(test.name) \(name): \(result.observation) \(result.positive) \(result.negative) wanted \(wanted.map { "\($0)" } ?? "-"), \(result.states) states \(time)s")
                if shows { for final in result.finals.sorted() { print("    \(final.text) \(final.holds ? "+" : "-")") } }
            } catch { print("FAIL \(test.name) \(name): \(error)") }
        }
    } catch { print("FAIL \(file): \(error)") }
}
