import Diagnostics
import Testing

@testable import X86

@Suite("Kernel services")
struct KernelServiceTests {
    @Test("a call by name is read as the service", arguments: KernelService.allCases)
    func roundTrip(_ service: KernelService) throws {
        #expect(KernelService(rawValue: service.name) == service)
        let call = try instruction("call \(service.name)(\(service.parameters.joined(separator: ", ")))")
        #expect(call.request(RegisterFile()) == .service(service, arguments: service.parameters))
        #expect(call.text == "call \(service.name)(\(service.parameters.joined(separator: ",")))")
        // Without parentheses it may be a label; if there is none it is the service.
        let bare = try parse("call \(service.name)").linked { _ in nil }
        #expect(bare.instructions[0].request(RegisterFile()) == .service(service, arguments: []))
    }

    @Test("a label goes before a service of its name, unless the call has parentheses")
    func label() throws {
        let program = try parse("call reclaim; call reclaim(x); reclaim: ret").linked { _ in nil }
        guard case .store = program.instructions[0].request(RegisterFile()) else {
            Issue.record("the label is not called")
            return
        }
        #expect(program.instructions[1].request(RegisterFile()) == .service(.reclaim, arguments: ["x"]))
    }

    @Test(
        "what is no service and no label is told at its name, with a near one",
        arguments: [
            ("call flush_tlb_pages(x)", "did you mean `flush_tlb_page`?"),
            ("call flush_tlb_pages", "did you mean `flush_tlb_page`?"),
            ("call wakeup; wake_up: nop", "did you mean `wake_up`?"),
            ("call somewhere_else(x)", "services: flush_tlb_page, "),
        ])
    func unknown(_ text: String, _ remedy: String) throws {
        let error = #expect(throws: Diagnostic.self) { _ = try parse(text).linked { _ in nil } }
        #expect(error?.message.hasPrefix("there is no kernel service ") == true)
        #expect(error?.place?.column == 6)
        #expect(error?.remedy?.hasPrefix(remedy) == true, "\(error?.remedy ?? "")")
    }

    @Test("what compiled code calls where no target is known is not a service")
    func unknownTarget() throws {
        let call = try instruction("call \(Instruction.unknownTarget)()")
        #expect(call.request(RegisterFile()) == .unknownTarget)
        #expect(call.text == "call \(Instruction.unknownTarget)()")
    }

    @Test("what holds of services agrees", arguments: KernelService.allCases)
    func properties(_ service: KernelService) {
        #expect(service.argumentCounts.contains(service.parameters.count))
        #expect(service.registerCount >= service.parameters.count && service.registerCount <= 5)
        #expect(service.flushes == service.name.hasPrefix("flush_tlb_"))
        // What waits or introduces a variable is about memory that the test need not name elsewhere.
        #expect(!service.waits || service.isPlainAccess)
        #expect(!service.answers || !service.flushes)
    }
}
