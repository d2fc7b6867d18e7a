import Testing
import X86

@testable import CompiledTests

/// The C headers spell services on their own; this compares them with the type.
@Suite("Services in C and Swift")
struct ServiceNameTests {
    private static func header(_ path: String) throws -> String {
        String(decoding: try #require(ShippedHeaders.contents.first { $0.path == path }).bytes, as: UTF8.self)
    }

    @Test func theHeaderDeclaresEveryServiceAndNoOther() throws {
        let text = try Self.header("services.h")
        let declared = text.matches(of: /__ptero_call_(\w+)\((.*?)\);/).map { match in
            (name: String(match.1), parameters: match.2 == "void" ? 0 : match.2.split(separator: ",").count)
        }
        let expected = KernelService.allCases.filter { !$0.isForColumnsOnly }.map(\.name)
        #expect(declared.map(\.name).sorted() == expected.sorted())
        for (name, parameters) in declared {
            #expect(KernelService(rawValue: name)?.registerCount == parameters, "\(name)")
        }
    }

    @Test func testsCallServicesByTheirNames() throws {
        let text = try Self.header("service-names.h")
        let defined = Set(text.matches(of: /#define (\w+)\(/).map { String($0.1) }.filter { !$0.contains("PTERO") })
        // Of ranges and address spaces the kernel's own functions tell.
        let expected = Set(KernelService.allCases.filter { !$0.isForColumnsOnly }.map(\.name))
            .subtracting([KernelService.flushRange.name, KernelService.switchSpace.name])
        #expect(defined.subtracting(["ptero_frame"]) == expected)
        for match in text.matches(of: /__ptero_call_(\w+)/) {
            #expect(KernelService(rawValue: String(match.1)) != nil, "\(match.1)")
        }
    }

    /// A Swift test has no handlers of interrupts.
    @Test(arguments: KernelService.allCases.filter { !$0.isForColumnsOnly && $0 != .sendInterrupt })
    func swiftDeclaresEveryService(_ service: KernelService) {
        let declaration = SwiftServices.declaration(of: service)
        #expect(declaration.contains("\"\(CompiledName.service)\(service.name)\""))
        #expect(declaration.contains("func \(service.name)"))
        #expect(CompiledName.service(called: CompiledName.service + service.name) == service)
    }
}
