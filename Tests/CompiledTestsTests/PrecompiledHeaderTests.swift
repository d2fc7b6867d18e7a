import CompiledTests
import Diagnostics
import Foundation
import Litmus
import TestSupport
import Testing

/// Headers that several tests share give the same code and the same errors as headers of one's own.
@Suite(.compilesMuch) struct PrecompiledHeaderTests {
    private func test(_ body: String, head: String = "") throws -> CTest {
        try CTest.parse(
            bytes: Array(
                """
                C shared
                \(head){ [PTE(x)] = (oa:PA(x), rw:1, d:0); }
                P0(pte_t *pte_x, int *x)
                {
                	\(body)
                }
                P1(int *x)
                {
                	WRITE_ONCE(*x, 1);
                }
                exists (lost_dirty(x))

                """.utf8), file: "shared.litmus")
    }

    private let bodies = [
        "ptep_set_wrprotect(0, 0, pte_x);", "set_pte(pte_x, pte_mkwrite_novma(*pte_x));",
        "ptep_get_and_clear(0, 0, pte_x); test_and_clear_bit(5, (unsigned long *)pte_x);",
    ]

    private func result(_ test: CTest, _ compiler: CTestCompiler) async -> Result<CompiledTest, Diagnostic> {
        do throws(Diagnostic) {
            return .success(try await compiler.compile(test, file: "shared.litmus"))
        } catch { return .failure(error) }
    }

    private func expectSame(
        _ test: CTest, _ own: CTestCompiler, _ shared: CTestCompiler, isRight: Bool = true
    ) async {
        switch (await result(test, own), await result(test, shared)) {
        case (.success(let own), .success(let shared)):
            #expect(isRight)
            let (code, sharedCode) = (own.test.threads, shared.test.threads)
            #expect(code.map { $0.program.instructions } == sharedCode.map { $0.program.instructions })
            #expect(own.test.compiled == shared.test.compiled)
            #expect((own.reached, own.assumptions, own.flags) == (shared.reached, shared.assumptions, shared.flags))
        case (.failure(let own), .failure(let shared)):
            #expect(!isRight, "\(own)")
            #expect("\(own)" == "\(shared)")
        case (.failure(let fault), .success), (.success, .failure(let fault)): Issue.record("\(fault)")
        }
    }

    @Test func aMiniatureTreesHeadersAreTheSameShared() async throws {
        let tree = try MiniatureTree([:])
        defer { tree.remove() }
        let own = try Sample.compiler(tree: try tree.kernel())
        let shared = own.sharingHeaders()
        for body in bodies { await expectSame(try test(body), own, shared) }
        // Flags of a test make other headers of it.
        await expectSame(try test(bodies[0], head: "CFlags=-DNDEBUG -O1\n"), own, shared)
        // What is wrong with a test, or its flags, is told as ever.
        await expectSame(try test("int i = unknown;\n"), own, shared, isRight: false)
        await expectSame(try test(bodies[0], head: "CFlags=-fno-such-flag\n"), own, shared, isRight: false)
    }

    @Test func whatIsWrongWithAHeaderIsToldAsEver() async throws {
        let tree = try MiniatureTree(["include/linux/swap.h": "\n\nint f(void) { return nothing; }\n"])
        defer { tree.remove() }
        let own = try Sample.compiler(tree: try tree.kernel())
        await expectSame(try test(bodies[0]), own, own.sharingHeaders(), isRight: false)
        guard case .failure(let fault) = await result(try test(bodies[0]), own.sharingHeaders()) else {
            Issue.record("the header is right")
            return
        }
        #expect(fault.file?.hasSuffix("include/linux/swap.h") == true)
        #expect(fault.place == SourcePlace(line: 3, column: 22))
    }

    @Test(arguments: ["6.1", "6.12"]) func aDistributionsHeadersAreTheSameShared(_ version: String) async throws {
        guard let tree = Sample.headers(version) else { return }
        let own = try Sample.compiler(tree: tree)
        let shared = own.sharingHeaders()
        for name in ["zap", "ksm"] {
            let text = try #require(KernelScenarios.all.first { $0.name == name }).text
            await expectSame(try CTest.parse(bytes: text, file: "shared.litmus"), own, shared)
        }
    }

    @Test func theFolderGoesWithTheLastUser() async throws {
        func folders() throws -> Set<String> {
            let temporary = FileManager.default.temporaryDirectory
            return Set(
                try FileManager.default.contentsOfDirectory(atPath: temporary.path)
                    .filter { FileManager.default.fileExists(atPath: temporary.path + "/\($0)/headers-0.pch") })
        }
        let tree = try MiniatureTree([:])
        defer { tree.remove() }
        let own = try Sample.compiler(tree: try tree.kernel())
        let made: Set<String>
        do {
            let before = try folders()
            let shared = own.sharingHeaders()
            _ = try await shared.compile(try test(bodies[0]), file: "shared.litmus")
            made = try folders().subtracting(before)
            #expect(!made.isEmpty)
            withExtendedLifetime(shared) {}
        }
        // Other tests may have made folders at the same time; one at least has to go.
        #expect(try !made.isSubset(of: folders()))
    }
}
