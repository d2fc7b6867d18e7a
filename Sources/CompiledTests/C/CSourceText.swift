import Litmus
import X86

/// The text that the compiler sees: the test's C, lines kept, with what makes it compilable and observable.
///
/// The machine code changes in one respect only: a local variable that a condition names is stored to private memory at
/// the end of its function.
struct CSourceText {
    private let test: CTest
    private let file: String
    /// Observed locals by processor.
    let observed: [Int: [String]]

    init(_ test: CTest, file: String) {
        self.test = test
        self.file = file
        observed = test.test.observedLocals
    }

    /// The whole text; `includes` stand in front.
    func text(includes: [String]) -> String {
        var lines = includes.map { "#include \"\($0)\"\n" }.joined()
        lines += "#line \(test.textPlace.line) \"\(Self.escaped(file))\"\n"
        // Keeps columns for the first line, which begins after the initial state's brace.
        lines += String(repeating: " ", count: max(0, test.textPlace.column - 1))
        var position = 0
        func take(upTo end: Int) {
            lines += String(decoding: test.text[min(position, end)..<end], as: UTF8.self)
            position = end
        }
        for function in (test.functions + test.handlers).sorted(by: { $0.name < $1.name }) {
            take(upTo: function.name)
            let locals = function.isHandler ? [] : observed[function.processor] ?? []
            let leavesEarly = !locals.isEmpty && containsReturn(function)
            if leavesEarly {
                lines +=
                    "\n#define return goto __ptero_end\n#line \(line(of: function.name)) \"\(Self.escaped(file))\"\n"
            }
            // On lines of its own, so that columns stay those of the file.
            lines += "\n__attribute__((__noinline__,__used__))" + (function.hasReturnType ? "" : " void")
            lines += "\n#line \(line(of: function.name)) \"\(Self.escaped(file))\"\n"
            lines += String(repeating: " ", count: column(of: function.name))
            take(upTo: function.body.upperBound)
            if !locals.isEmpty {
                lines += leavesEarly ? ";__ptero_end:;" : ";"
                lines += locals.map { Self.copy(of: $0, function.processor) }.joined()
            }
            take(upTo: min(function.body.upperBound + 1, test.text.count))
            if leavesEarly { lines += "\n#undef return\n#line \(line(of: position)) \"\(Self.escaped(file))\"\n" }
        }
        take(upTo: test.text.count)
        return lines + "\n"
    }

    /// Stores a local variable's last value; a constant beside it tells whether it is signed.
    private static func copy(of name: String, _ processor: Int) -> String {
        let variable = "\(CompiledName.local)\(processor)_\(name)"
        let sign = "\(CompiledName.sign)\(processor)_\(name)"
        return "static __typeof__(({ \(name); })) \(variable) __attribute__((__used__)); \(variable) = \(name); "
            + "static const unsigned char \(sign) __attribute__((__used__)) = _Generic(({ \(name); }), "
            + "signed char: 1, short: 1, int: 1, long: 1, long long: 1, default: 0);"
    }

    /// The C text at the lines where it stands in the file; lines of the head are empty.
    var linesOfFile: String {
        String(repeating: "\n", count: max(0, test.textPlace.line - 1)) + String(decoding: test.text, as: UTF8.self)
    }

    private func line(of offset: Int) -> Int {
        test.textPlace.line + test.text[..<min(offset, test.text.count)].count { $0 == UInt8(ascii: "\n") }
    }

    /// How many bytes stand in front of an offset in its line.
    private func column(of offset: Int) -> Int {
        let line = test.text[..<min(offset, test.text.count)].reversed().prefix { $0 != UInt8(ascii: "\n") }
        let isFirst = line.count == offset
        return line.count + (isFirst ? test.textPlace.column - 1 : 0)
    }

    private func containsReturn(_ function: CFunction) -> Bool {
        let body = String(decoding: test.text[function.body], as: UTF8.self)
        return body.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.contains("return")
    }

    private static func escaped(_ file: String) -> String {
        file.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
}

extension LitmusTest {
    /// The locals that conditions, filter and `locations` name; `bug` and `warned` are not the function's own.
    var observedLocals: [Int: [String]] {
        var names: Set<String> = []
        for location in namedLocations {
            if case .memory(.variable(let name), _) = location.kind, name.contains(":") { names.insert(name) }
        }
        var locals: [Int: [String]] = [:]
        for name in names.sorted() {
            let parts = name.split(separator: ":").map(String.init)
            guard parts.count == 2, let processor = Int(parts[0]), !["bug", "warned"].contains(parts[1]) else {
                continue
            }
            locals[processor, default: []].append(parts[1])
        }
        return locals
    }
}
