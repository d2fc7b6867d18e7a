import Checker
import Foundation
import Litmus
import Machine
import Report
import TestSupport
import Testing

/// Pictures of runs: well-formed, with every text in its place.
@Suite struct RunPictureTests {
    /// A text of a picture, with the space that it takes at most.
    private struct Label {
        var text: String
        var left: Double
        var right: Double
        var y: Double
    }

    /// What can be read off a picture.
    private struct Reading {
        var labels: [Label] = []
        var shapes: [String: Int] = [:]
        var width = 0.0
        var height = 0.0
    }

    private func read(_ svg: String) throws -> Reading {
        var reading = Reading()
        for element in try XMLReader(svg).elements {
            reading.shapes[element.name, default: 0] += 1
            if element.name == "svg" {
                (reading.width, reading.height) = (element.number("width"), element.number("height"))
            }
            if element.name == "text" { reading.labels.append(label(element)) }
        }
        return reading
    }

    private func label(_ element: XMLReader.Element) -> Label {
        // Letters of 11 to 16 pixels: at most this wide on average.
        let styles = (element.attributes["class"] ?? "").split(separator: " ")
        let letter =
            styles.contains("h1")
            ? 9.0 : styles.contains("bad") ? 7.6 : styles.contains("tiny") || styles.contains("value") ? 6.62 : 7.0
        let width = Double(element.text.count) * letter
        let x = element.number("x")
        let left = element.attributes["text-anchor"] == "middle" ? x - width / 2 : x
        return Label(text: element.text, left: left, right: left + width, y: element.number("y"))
    }

    /// The runs that answer a test's conditions, as the literal machine takes them.
    private func runs(_ text: String, profiles names: [String]) throws -> [Run] {
        let test = try LitmusParser.parse(text)
        var runs: [Run] = []
        for question in test.questions {
            let checker = try TestChecker(question)
            for (label, profiles) in try checker.assignments(among: CPUProfile.builtIn, known: CPUProfile.shipped)
            where names.contains(label) {
                var options = CheckOptions()
                options.tellsLiteralRuns = true
                let verdict = try checker.check(label: label, profiles: profiles, options: options)
                if let run = verdict.shownRun { runs.append(run) }
            }
        }
        return runs
    }

    @Test(arguments: Volume.sample(Checkout.corpus, every: 12)) func everyRunHasAPicture(_ path: String) throws {
        for run in try runs(Checkout.text("Corpus/\(path)"), profiles: ["cet", "late", "book"]) {
            for level in RunLevel.allCases {
                let svg = try #require(RunPicture(run, title: "a run", level: level)).rendered()
                let picture = try read(svg)
                let shown = level == .matters ? run.stepsThatMatter.count : run.steps.count
                let discs = picture.shapes["circle"] ?? 0
                #expect(level == .all ? discs <= shown : discs == shown)
                expectRoom(picture, "\(path), \(level)")
            }
            let kept = try #require(RunPicture(run, title: "a run", keepsLanes: true)).rendered()
            expectRoom(try read(kept), "\(path), all lanes")
        }
    }

    /// Expects that no text lies over another, and that none is cut by the edges.
    private func expectRoom(_ picture: Reading, _ name: String) {
        for (index, first) in picture.labels.enumerated() {
            #expect(first.left >= 0 && first.right <= picture.width + 1, "\(name): `\(first.text)` is cut")
            #expect(first.y >= 10 && first.y <= picture.height - 2, "\(name): `\(first.text)` is cut")
            for second in picture.labels[(index + 1)...] where abs(first.y - second.y) < 10 {
                let isApart = first.right <= second.left + 1 || second.right <= first.left + 1
                #expect(isApart, "\(name): `\(first.text)` over `\(second.text)`")
            }
        }
    }

    @Test func nothingIsTakenForAnElement() throws {
        let text = """
            X86_64 <b>&"x
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); }
             P0                   | P1          ;
             lock andb $-3,(%rdi) | movl $1,(x) ;
            exists (shadow_stack_exposed(x))
            """
        let run = try #require(try runs(text, profiles: ["cet"]).first)
        let picture = try read(try #require(RunPicture(run, title: "</svg><script>\u{1}]]>&amp;\"")).rendered())
        #expect(picture.labels.first?.text == "</svg><script> ]]>&amp;\"")
        #expect(picture.shapes["script"] == nil)
    }

    /// Names and instructions of any length leave the picture as it is.
    @Test func longNamesAreCut() throws {
        let name = String(repeating: "w", count: 4_000)
        let text = Samples.lockAnd.replacing("(x)", with: "(\(name))").replacing("lock-and+write", with: name)
        let run = try #require(try runs(text, profiles: ["cet"]).first)
        for level in RunLevel.allCases {
            let picture = try read(try #require(RunPicture(run, title: name, level: level)).rendered())
            #expect(picture.width < 2_000)
            #expect(picture.labels.allSatisfy { $0.right <= picture.width + 1 })
        }
    }

    @Test func ofManyCPUsThoseThatTakeNoPartAreNames() throws {
        let text = """
            X86_64 five
            { [PTE(x)] = (oa:PA(x), rw:1, d:0); 0:rdi = PTE(x); y = 0; }
             P0                   | P1          | P2          | P3          | P4          ;
             lock andb $-3,(%rdi) | movl $1,(x) | movl $1,(y) | movl $2,(y) | movl (y),%eax ;
            exists (shadow_stack_exposed(x))
            """
        let run = try #require(try runs(text, profiles: ["cet"]).first)
        let taking = Set(run.stepsThatMatter.map { run.steps[$0].cpu })
        let picture = try read(try #require(RunPicture(run, title: "five")).rendered())
        #expect(picture.labels.count { $0.text == "instructions" } == taking.count)
        for cpu in 0..<5 { #expect(picture.labels.contains { $0.text == "P\(cpu)" }) }
        expectRoom(picture, "five")
    }

    @Test func themesAreKnown() throws {
        let run = try #require(
            try runs(Checkout.text("Corpus/wrprotect/lock-and+write+exposed.litmus"), profiles: ["cet"]).first)
        for theme in ["light", "dark", "grey"] { #expect(RunPicture(run, title: "x", theme: theme) != nil) }
        #expect(RunPicture(run, title: "x", theme: "pink") == nil)
        // No colour alone: the same marks in each.
        let bodies = try ["light", "grey"].map { theme in
            try #require(RunPicture(run, title: "x", theme: theme)).rendered().components(separatedBy: "</style>").last
        }
        #expect(bodies[0] == bodies[1])
    }

    @Test func goldenPicture() throws {
        let run = try #require(
            try runs(Checkout.text("Corpus/wrprotect/two-step+write+lost-dirty.litmus"), profiles: ["late"]).first)
        let svg = try #require(RunPicture(run, title: "two-step+write+lost-dirty on late")).rendered()
        try Golden.expect(svg, "two-step.svg")
        #expect(svg.utf8.count < 25_000)
    }
}
