import Checker
import CompiledTests
import Diagnostics
import Foundation
import Litmus
import Machine
import TestSupport
import Testing

/// Compiles and checks Swift tests.
enum SwiftSample {
    /// The libraries are compiled once for all tests.
    static let shared = Result { () throws(Diagnostic) in try compiler() }

    static func compiler(flags: [String] = [], sources: [String] = [], library: String? = Checkout.file("Sources").path)
        throws(Diagnostic) -> SwiftTestCompiler
    {
        SwiftTestCompiler(swiftc: try SwiftCompiler(), librarySources: library, sources: sources, flags: flags)
    }

    static func compile(_ text: String, with compiler: SwiftTestCompiler? = nil, directory: String? = nil)
        async throws -> CompiledTest
    {
        let source = try SwiftTest.parse(bytes: Array(text.utf8), file: "sample.swift")
        let compiler = try compiler ?? shared.get()
        return try await compiler.compile(source, file: "sample.swift", directory: directory)
    }

    static func verdict(_ text: String, profile: String = "cet", with compiler: SwiftTestCompiler? = nil)
        async throws -> Verdict
    {
        try Sample.verdict(of: try await compile(text, with: compiler).test, profile: profile)
    }

    /// The diagnostic that compiling or checking a text ends with.
    static func diagnostic(_ text: String, with compiler: SwiftTestCompiler? = nil, directory: String? = nil) async
        -> Diagnostic?
    {
        do {
            _ = try Sample.verdict(of: try await compile(text, with: compiler, directory: directory).test)
            return nil
        } catch {
            return error as? Diagnostic
        }
    }

    /// A test of one function body on `x`.
    static func body(_ body: String, condition: String = "exists (x=1)", before: String = "") -> String {
        """
        /* Swift sample
        { int x = 5; }
        \(condition) */
        \(before)
        @_cdecl("P0") func body(x: UnsafeMutablePointer<Int32>) {
            \(body)
        }
        """
    }

    /// The tests of a folder of the corpus, by name.
    static func corpus() throws -> [(name: String, bytes: [UInt8])] {
        let folder = Checkout.file("Corpus/swift").path
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().compactMap { name in
            guard name.hasSuffix(".swift") else { return nil }
            let data = try #require(FileManager.default.contents(atPath: folder + "/" + name))
            return (String(name.dropLast(6)), Array(data))
        }
    }
}
