import Foundation
import Generator
import Litmus
import Oracle

func randomTables(seed: UInt64, first: Int, count: Int, limit: Int, only: String?) {
    var refused: [String: Int] = [:], observations: [String: Int] = [:], seen: [String: Int] = [:]
    var complete = 0, incomplete = 0, states: [Int] = []
    let start = Date()
    for index in first..<first + count {
        let random = TableTestGenerator.test(seed: seed, index: index)
        let test: LitmusTest
        do { test = try LitmusParser.parse(random.text) } catch {
            print("PARSE \(random.name): \(error.message)\n\(random.text)")
            continue
        }
        do {
            let again = try LitmusParser.parse(LitmusWriter.text(of: test))
            if !again.isSame(as: test) { print("WRITER \(random.text)") }
        } catch { print("WRITER \(random.name): \(error)\n\(LitmusWriter.text(of: test))") }
        let sets = (try? test.oracleProfileSets) ?? []
        for (name, profiles) in sets where only == nil || only == name {
            do {
                let result = try Oracle.explore(test, profiles: profiles, maxStates: limit)
                if result.isComplete { complete += 1 } else { incomplete += 1 }
                states.append(result.states)
                observations["\(result.observation)", default: 0] += 1
                for word in Set(result.finals.flatMap { $0.text.split(separator: " ") }.filter { $0.hasSuffix("=true;") }.map { String($0.prefix { $0 != "(" }) }) { seen[word, default: 0] += 1 }
            } catch {
                let text = "\(error)".prefix(40)
                if refused[String(text)] == nil { print("REFUSED \(error)\n\(random.text)") }
                refused[String(text), default: 0] += 1
            }
        }
    }
    states.sort()
    print("complete \(complete) incomplete \(incomplete) refused \(refused) \(observations) \(seen) median \(states.isEmpty ? 0 : states[states.count / 2]) \(Int(Date().timeIntervalSince(start)))s")
}

func fold(seed: UInt64, first: Int, count: Int, limit: Int, level: String) {
    var agree = 0, skipped = 0, differ = 0
    for index in first..<first + count {
        var random = TestGenerator.test(seed: seed, index: index, size: TestGenerator.Size(cpus: 2, fragments: 4))
        guard let flat = try? LitmusParser.parse(random.text) else { continue }
        let below = ["PMD": "PT", "PUD": "PD", "PGD": "PDPT"][level] ?? "PT"
        let pages = random.text.contains("PTE(y)") ? ["x", "y"] : ["x"]
        if pages.count == 2, index % 2 == 0 { random.headers.append("Region=x y") }
        for page in pages { if pages.count == 1 || index % 2 == 1 || page == "x" { random.assignments.append("[\(level)(\(page))] = (table:\(below)(\(page)))") } }
        let deep: LitmusTest
        do { deep = try LitmusParser.parse(random.text) } catch { print("PARSE \(error.message)\n\(random.text)"); continue }
        let all = OracleProfile.builtIn + OracleProfile.onRequest
        var profile = all[index % all.count]
        if index % 3 == 0 { profile.spuriousFaults.toggle() }
        if index % 5 == 0 { profile.upperLevels = .none }
        let profiles = flat.threads.map { _ in profile }
        do {
            let one = try Oracle.explore(flat, profiles: profiles, maxStates: limit)
            guard one.isComplete else { skipped += 1; continue }
            let two = try Oracle.explore(deep, profiles: profiles, maxStates: limit * 10)
            guard two.isComplete else { skipped += 1; continue }
            func key(_ result: OracleResult) -> [String] {
                Set(result.finals.map { $0.text.split(separator: ";").filter { !$0.contains("PTE(") && !$0.contains(":r") && !$0.contains(":e") }.joined(separator: ";") + ($0.holds ? "+" : "-") }).sorted()
            }
            if one.observation != two.observation || one.positive != two.positive || one.negative != two.negative || key(one) != key(two) {
                differ += 1
                print("FOLD \(random.name) on \(profile.name): \(one.observation) \(one.positive) \(one.negative), \(two.observation) \(two.positive) \(two.negative)\n\(random.text)")
                let a = Set(key(one)), b = Set(key(two))
                print("only flat \(a.subtracting(b))\nonly deep \(b.subtracting(a))")
            } else { agree += 1 }
        } catch { print("FOLD \(random.name): \(error)\n\(random.text)") }
    }
    print("agree \(agree) skipped \(skipped) differ \(differ)")
}
