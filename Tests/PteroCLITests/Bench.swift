import Foundation
import Report

@testable import PteroCLI

/// A folder of its own for a test of commands, and what they wrote.
final class Bench {
    let folder: URL
    var environment: [String: String] = [:]
    var standardInput = ""
    var isTerminal = false
    /// Columns of the terminal.
    var width: Int?
    var executable: String?
    /// What the last command wrote.
    private(set) var output = ""
    private(set) var errors = ""

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ptero-test-\(UUID().uuidString)")
            .resolvingSymlinksInPath()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a file below the folder.
    func write(_ name: String, _ text: String) throws { try write(name, bytes: Array(text.utf8)) }

    func write(_ name: String, bytes: [UInt8]) throws {
        let path = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: path)
    }

    var surroundings: Surroundings {
        let input = Array(standardInput.utf8)
        return Surroundings(
            output: Output { _ in true }, errors: Output { _ in true }, environment: environment,
            currentDirectory: folder.path, executable: executable, cores: 2, freeMemory: 1 << 30,
            handlesInterrupts: false, width: width,
            readStandardInput: { limit in Array(input.prefix(limit)) })
    }

    /// Runs `ptero` with these arguments in the folder.
    @discardableResult
    func run(_ arguments: String...) -> ExitStatus { run(arguments) }

    func run(_ arguments: [String]) -> ExitStatus { take(Self.run(arguments, surroundings, isTerminal)) }

    /// Runs `ptero`, which may run the compiler: it waits for that, which the threads of asynchronous code must not.
    @discardableResult
    func compile(_ arguments: String...) async -> ExitStatus { await compile(arguments) }

    func compile(_ arguments: [String]) async -> ExitStatus {
        let (surroundings, isTerminal) = (surroundings, isTerminal)
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Self.run(arguments, surroundings, isTerminal))
            }
        }
        return take(result)
    }

    private struct Result: Sendable {
        var status: ExitStatus
        var output: String
        var errors: String
    }

    private func take(_ result: Result) -> ExitStatus {
        output = result.output
        errors = result.errors
        return result.status
    }

    private static func run(_ arguments: [String], _ surroundings: Surroundings, _ isTerminal: Bool) -> Result {
        let (captured, complaints) = (CapturedOutput(), CapturedOutput())
        var surroundings = surroundings
        surroundings.output = captured.output(isTerminal: isTerminal)
        surroundings.errors = complaints.output()
        let status = CommandLineInterface.run(arguments, in: surroundings)
        return Result(status: status, output: captured.text, errors: complaints.text)
    }

    /// The output without what a clock put there.
    var timeless: String {
        output.replacing(#/ in [0-9.]+ s\n/#, with: " in - s\n").replacing(#/(?m)^(Time \S+) [0-9.]+$/#) {
            "\($0.1) 0.00"
        }
        .replacing(/"seconds": [0-9.]+/, with: "\"seconds\": 0").replacing(/"bytes": [0-9]+/, with: "\"bytes\": 0")
    }
}

/// Small tests for commands to work on.
enum Texts {
    static let storeBuffering = """
        X86_64 SB
        (* Result: Sometimes *)
        {
        }
         P0            | P1            ;
         movl $1,(x)   | movl $1,(y)   ;
         movl (y),%eax | movl (x),%eax ;
        exists (0:rax=0 /\\ 1:rax=0)

        """

    static let messagePassing = """
        X86_64 MP
        (* Result: Never *)
        {
        }
         P0          | P1            ;
         movl $1,(x) | movl (y),%eax ;
         movl $1,(y) | movl (x),%ebx ;
        exists (1:rax=1 /\\ 1:rbx=0)

        """

    static let lockAnd = """
        X86_64 lock-and+write+exposed
        "What the locked AND leaves behind is a shadow-stack page on a CPU that has them."
        Sequence=lock-and
        Failure=exposes a shadow stack
        (* Result: cet=Sometimes strict=Never late=Never knl=Never shadowed=Never book=Never *)
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
         call flush_tlb_page(x) |             ;
        exists (shadow_stack_exposed(x))

        """

    static let mixed = """
        X86_64 mixed
        CPU=P0:cet P1:late
        {
          [PTE(x)] = (oa:PA(x), rw:1, d:0);
          0:rdi = PTE(x);
        }
         P0                     | P1          ;
         lock andb $-3,(%rdi)   | movl $1,(x) ;
        exists (shadow_stack_exposed(x))

        """

    /// P0 waits for ever: millions of states, and each is part of a circle that nobody can leave.
    static let spinning = """
        X86_64 big2
        { int v = 0; int z = 0; int w0 = 0; int w1 = 0; }
        P0 | P1 | P2 ;
        L0: movl (v),%eax | movl $1,(w0) | movl $1,(w1) ;
        testl %eax,%eax | movl (w1),%eax | movl (w0),%eax ;
        je L0 | movl $2,(w0) | movl $2,(w1) ;
        movl $1,(z) | movl (w1),%ebx | movl (w0),%ebx ;
         | movl $3,(w0) | movl $3,(w1) ;
         | movl (w1),%ecx | movl (w0),%ecx ;
         | movl $4,(w0) | movl $4,(w1) ;
         | movl (w1),%edx | movl (w0),%edx ;
         | movl $5,(w0) | movl $5,(w1) ;
         | movl (w1),%eax | movl (w0),%eax ;
         | movl $6,(w0) | movl $6,(w1) ;
         | movl (w1),%ebx | movl (w0),%ebx ;
        locations [1:rax; 1:rbx; 1:rcx; 1:rdx; 2:rax; 2:rbx; 2:rcx; 2:rdx;]
        exists (stuck(P0))

        """

    /// More states than a small limit allows.
    static let large = """
        X86_64 large
        {
        }
         P0            | P1            | P2            ;
         movl $1,(x)   | movl $1,(y)   | movl $1,(z)   ;
         movl $2,(x)   | movl $2,(y)   | movl $2,(z)   ;
         movl (y),%eax | movl (z),%eax | movl (x),%eax ;
         movl $3,(x)   | movl $3,(y)   | movl $3,(z)   ;
         movl (y),%ebx | movl (z),%ebx | movl (x),%ebx ;
        exists (0:rax=0 /\\ 1:rax=0 /\\ 0:rbx=1)

        """
}
