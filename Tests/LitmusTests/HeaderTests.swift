import Litmus
import Testing

/// Header lines with a meaning.
@Suite struct HeaderTests {
    private static let handler = " P0 | P1 | P1.F ;\n nop | nop | iretq ;\n"

    @Test func profiles() throws {
        #expect(try parsed(Sample.test()).cpuAssignment == nil)
        #expect(
            try parsed(Sample.test(head: "CPU=cet, late my-own.1")).cpuAssignment
                == .profiles(["cet", "late", "my-own.1"]))
        #expect(
            try parsed(Sample.test(head: "CPU=P1:late P0:cet")).cpuAssignment == .perProcessor([0: "cet", 1: "late"]))
    }

    @Test func faultPoliciesCoverEveryProcessor() throws {
        #expect(try parsed(Sample.test()).faultPolicies == [0: .stop, 1: .stop])
        #expect(try parsed(Sample.test(head: "Fault=retry P1:stop")).faultPolicies == [0: .retry, 1: .stop])
        #expect(try parsed(Sample.test(program: Self.handler)).faultPolicies == [0: .stop, 1: .handler])
        let mixed = try parsed(Sample.test(head: "Fault=retry", program: Self.handler))
        #expect(mixed.faultPolicies == [0: .retry, 1: .handler])
        let named = try parsed(Sample.test(head: "Fault=P1:handler", program: Self.handler))
        #expect(named.faultPolicies == [0: .stop, 1: .handler])
    }

    @Test func variables() throws {
        #expect(try parsed(Sample.test()).translated == .named([]))
        #expect(try parsed(Sample.test(head: "Translate=all")).translated == .all)
        #expect(try parsed(Sample.test(head: "Translate= x  y")).translated == .named(["x", "y"]))
        #expect(try parsed(Sample.test(head: "Gate=trap")).faultGate == .trap)
        #expect(try parsed(Sample.test(head: "Gate=interrupt")).faultGate == .interrupt)
        #expect(try parsed(Sample.test(head: "")).faultGate == .interrupt)
        #expect(try parsed(Sample.test(head: "ShadowStack=x y")).shadowStackPages == ["x", "y"])
    }

    @Test func roles() throws {
        #expect(try parsed(Sample.test()).roles == [nil, nil])
        #expect(
            try parsed(Sample.test(head: "Role=P1:writes the page: twice")).roles == [nil, "writes the page: twice"])
        #expect(try parsed(Sample.test(head: "Role=P1:b\nRole=P0:a")).roles == ["a", "b"])
    }

    @Test func tableTexts() throws {
        let test = try parsed(Sample.everything)
        #expect(test.sequence == "lock and")
        #expect(test.failure == "lost dirty")
        #expect(test.remark == "seldom")
        #expect(test.purpose == "Shows every phrase")
        let empty = try parsed(Sample.test(head: "Purpose="))
        #expect(empty.purpose == nil)
    }

    @Test func slipsInKeysAreWarnedAbout() throws {
        let test = try parsed(Sample.test(head: "Faults=P1:retry\ncpu=cet\nShadowstack=x\nOrig=a"))
        #expect(test.headerWarnings.map(\.place?.line) == [2, 3, 4])
        #expect(
            test.headerWarnings.map(\.remedy) == [
                "did you mean `Fault`?", "did you mean `CPU`?", "did you mean `ShadowStack`?",
            ])
        for source in Sample.all { #expect(try parsed(source).headerWarnings.isEmpty) }
    }

    @Test func aTestMadeByHandWithBadLinesHasNoAssignment() throws {
        var test = try parsed(Sample.fork)
        test.headers[0].value = "P7:cet"
        test.headers[1].value = "P1:sleep"
        #expect(test.cpuAssignment == nil)
        #expect(test.faultPolicies == [0: .stop, 1: .stop])
    }

    @Test(arguments: [
        FaultCase(Sample.test(head: "CPU="), "names no profile", at: "CPU="),
        FaultCase(Sample.test(head: "CPU=P0:cet late"), "`late` is not of the form", at: "late", remedy: "P0:cet"),
        FaultCase(Sample.test(head: "CPU=cet P0:late"), "`P0:late` is not the name of a profile", at: "P0:late"),
        FaultCase(Sample.test(head: "CPU=P0:cet"), "gives P1 no profile", at: "CPU=P0:cet"),
        FaultCase(Sample.test(head: "CPU=P0:cet P0:late"), "P0 is given two profiles", at: "P0:late"),
        FaultCase(Sample.test(head: "CPU=cet cet"), "`cet` is named twice", at: "cet"),
        FaultCase(Sample.test(head: "CPU=P0:a P1:b P2:c"), "no processor P2", at: "P2:", remedy: "P0 to P1"),
        FaultCase(Sample.test(head: "CPU=cet\nCPU=late"), "`CPU=` is given twice", at: "CPU=late"),
        FaultCase(Sample.test(head: "Fault=P1:rety"), "no fault policy `rety`", at: "P1:rety", remedy: "`retry`"),
        FaultCase(Sample.test(head: "Fault=P9:retry"), "no processor P9", at: "P9:"),
        FaultCase(Sample.test(head: "Fault=P:retry"), "`P:retry` is not of the form", at: "P:retry"),
        FaultCase(
            Sample.test(head: "Fault=P99999999999999999999:retry"), "not of the form", at: "P99999999999999999999:retry"
        ),
        FaultCase(Sample.test(head: "Fault=retry stop"), "two policies for all", at: "stop"),
        FaultCase(Sample.test(head: "Fault=P1:handler"), "P1 has no fault handler", at: "P1:", remedy: "P1.F"),
        FaultCase(Sample.test(head: "Fault=handler"), "P0 has no fault handler", at: "handler", remedy: "P0.F"),
        FaultCase(
            Sample.test(head: "Fault=P1:retry", program: handler), "would never run", at: "P1:", remedy: "P1:handler"),
        FaultCase(Sample.test(head: "Role=the writer"), "not of the form", at: "the writer", remedy: "Role=P1:writes"),
        FaultCase(Sample.test(head: "Role=P2:writes"), "no processor P2", at: "P2:"),
        FaultCase(Sample.test(head: "Role=P1:a\nRole=P1:b"), "P1 is given two roles", at: "Role=P1:b"),
        FaultCase(
            Sample.test(head: "Role=P1:12345678901234567890123456789012345678901"), "at most 40 characters",
            at: "Role=P1:12345678901234567890123456789012345678901"),
        FaultCase(Sample.test(head: "Translate="), "names no variable", at: "Translate="),
        FaultCase(Sample.test(head: "Gate=call"), "`call` is not a kind of gate", at: "call"),
        FaultCase(Sample.test(head: "ShadowStack=x PTE(y)"), "`PTE(y)` is not a variable", at: "PTE(y)"),
        FaultCase(Sample.test(head: "Translate=v v"), "`v` is named twice", at: "v"),
    ])
    func faults(_ fault: FaultCase) { fault.check() }
}
