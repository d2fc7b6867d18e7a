import Synthesis
import Foundation
import Litmus
import Machine
import Diagnostics
let t = Date()
do {
    var files: [LitmusTest] = []
    var options = SynthesisOptions(); options.threads = 2
    for a in CommandLine.arguments.dropFirst() {
        if let n = Int(a) { options.length = n; continue }
        files.append(try LitmusParser.parse(bytes: Array(try Data(contentsOf: URL(fileURLWithPath: a))), file: a))
    }
    let problem = try SynthesisProblem(files)
    var s = Synthesizer(problem, profiles: .init(offered: CPUProfile.builtIn, known: CPUProfile.shipped), options: options) { w, d, c in FileHandle.standardError.write("\r\(w) \(d)/\(c) \(Int(Date().timeIntervalSince(t)))s   ".data(using: .utf8)!) }
    let r = try s.run()
    for c in r.counts { print(c) }
    print("judged", r.judged, "right", r.right, "straight", r.rightStraight, "kills", r.kills)
    for a in r.answers { print(a.lines.joined(separator: "; ")); print("   ", a.costs, "raced", a.raced ?? 0, a.ranking, a.isConfirmed, a.storesPlainly) }
    for a in r.nearMisses { print("MISS", a.ranking, a.lines.joined(separator: "; ")); print("    ", a.penalty as Any) }
    print(Date().timeIntervalSince(t))
} catch let d as Diagnostic { print(d.rendered()) }
