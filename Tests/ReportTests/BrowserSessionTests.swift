import Checker
import Explorer
import Foundation
import Litmus
import Testing

@testable import Report

@Suite struct BrowserSessionTests {
    private static let text = """
        X86_64 lock-and
        CPU=cet late
        Fault=P1:retry
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists (shadow_stack_exposed(x))

        """

    private static func object(_ json: JSONText) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String: Any])
    }

    private static func session(_ text: String = text) throws -> (BrowserSession, [String: Any]) {
        let session = BrowserSession()
        return (session, try object(session.load(Array(text.utf8), file: "a.litmus")))
    }

    private static let limits = SearchLimits(maxStates: 200_000)

    @Test func readsATest() throws {
        let (_, answer) = try Self.session()
        #expect((answer["errors"] as? [Any])?.isEmpty == true)
        let question = try #require((answer["questions"] as? [[String: Any]])?.first)
        #expect(question["profiles"] as? [String] == ["cet", "late"])
        #expect(question["asksForHarm"] as? Bool == true)
        #expect(question["condition"] as? String == "exists (shadow_stack_exposed(x))")
    }

    @Test func tellsWhereATestIsWrong() throws {
        let (session, answer) = try Self.session(Self.text.replacing("andb", with: "andx"))
        let fault = try #require((answer["errors"] as? [[String: Any]])?.first)
        #expect(fault["line"] as? Int == 9)
        #expect((fault["text"] as? String)?.hasPrefix("a.litmus:9:") == true)
        #expect(try Self.object(session.explore(question: 0, profile: 0))["error"] != nil)
        #expect(try Self.object(session.go(to: "0"))["error"] != nil)
        #expect(session.picture(theme: "light") == "")
        #expect(try Self.object(session.outlook(after: "", limits: Self.limits))["error"] != nil)
        #expect(try Self.object(session.checkNext(limits: SearchLimits()))["done"] as? Bool == true)
    }

    @Test func printsWhatCheckPrints() throws {
        let (session, _) = try Self.session()
        var verdicts: [String] = []
        while true {
            let answer = try Self.object(session.checkNext(limits: SearchLimits()))
            if answer["done"] as? Bool == true { break }
            verdicts += (answer["verdicts"] as? [[String: Any]])?.compactMap { $0["observation"] as? String } ?? []
        }
        #expect(verdicts == ["Sometimes", "Never"])
        #expect(session.report.contains("lock-and on cet: a shortest run to (shadow_stack_exposed(x))"))
        #expect(session.report.contains("replay: ptero replay a.litmus --profile cet --witness "))
        // The run that was found, as hardware takes it, shows the violation.
        let replay = try #require(try Self.object(session.witness(question: 0, profile: 0))["replay"] as? String)
        _ = session.explore(question: 0, profile: 0)
        let state = try Self.object(session.go(to: replay))
        #expect(state["hasHarm"] as? Bool == true)
        #expect(try Self.object(session.witness(question: 0, profile: 1))["replay"] is NSNull)
    }

    @Test func takesStepsAndSaysWhatTheyChange() throws {
        let (session, _) = try Self.session()
        let start = try Self.object(session.explore(question: 0, profile: 0))
        let next = try #require(start["next"] as? [[String: Any]])
        let store = try #require(next.first { $0["hardware"] as? Bool == false })
        #expect(store["changes"] as? [String] == ["PTE(x) P-UA--"])
        #expect(store["line"] as? Int == 9)
        #expect((store["why"] as? String)?.hasPrefix("it is the next instruction") == true)
        #expect(next.contains { $0["changes"] as? [String] == ["TLB + x W=1 D=0"] && $0["hardware"] as? Bool == true })
        #expect((start["lines"] as? [Any])?.first as? Int == 9)
        let replay = try #require(store["replay"] as? String)
        let state = try Self.object(session.go(to: replay + "zz"))
        #expect((state["steps"] as? [Any])?.count == 1 && state["wanted"] as? Int == 3)
        #expect(state["title"] as? String == "lock-and on cet")
        #expect(session.picture(theme: "dark").hasPrefix("<svg "))
        #expect(try Self.object(session.go(to: "?"))["error"] != nil)
        #expect(try Self.object(session.explore(question: 1, profile: 0))["error"] != nil)
    }

    /// Along a run to the violation all lanes are there from the start, and stay where they are.
    @Test func nothingOfThePictureJumps() throws {
        let (session, _) = try Self.session()
        _ = session.explore(question: 0, profile: 0)
        let way = try #require(
            try Self.object(session.outlook(after: "", limits: Self.limits))["way"] as? String)
        var heads: Set<String> = []
        for length in 0...way.count {
            _ = session.go(to: String(way.prefix(length)))
            let picture = session.picture(theme: "light")
            // The heads of lanes, entries and variables stand in a line, that of memory above it.
            let texts = picture.split(separator: "<text ").map { String($0.prefix { $0 != "/" }) }.filter { text in
                text.contains(" y=\"90\" ") || text.hasSuffix(">memory<")
            }
            #expect(texts.count == 11, "\(texts)")
            heads.insert(texts.joined(separator: "\n"))
        }
        #expect(heads.count == 1, "\(heads)")
    }

    @Test func saysWhatCanStillCome() throws {
        let (session, _) = try Self.session()
        _ = session.explore(question: 0, profile: 0)
        let here = try Self.object(session.outlook(after: "", limits: Self.limits))
        #expect(here["fate"] as? String == "possible" && here["isComplete"] as? Bool == true)
        let way = try #require(here["way"] as? String)
        #expect(
            try Self.object(session.way(after: "", limits: Self.limits))["length"] as? Int == here["length"] as? Int)
        let end = try Self.object(session.outlook(after: way, limits: Self.limits))
        #expect(end["fate"] as? String == "certain" && end["length"] as? Int == 0)
        let unknown = try Self.object(session.outlook(after: "", limits: SearchLimits(maxStates: 2)))
        #expect(unknown["fate"] as? String == "unknown" && unknown["isComplete"] as? Bool == false)
        #expect(try Self.object(session.outlook(after: "?", limits: Self.limits))["error"] != nil)
        #expect(try Self.object(session.way(after: "0zz", limits: Self.limits))["error"] != nil)
    }
}
