// What the page calls: functions of C that take numbers, read texts from one buffer and leave their answer, JSON or text, in
// another. All the work is done by `BrowserSession`.
import Explorer
import Report

/// The session, and the buffers; the page calls from one thread.
private struct Engine {
    let session = BrowserSession()
    var input: [UInt8] = []
    var output: [UInt8] = []

    /// Keeps an answer until the next call; returns its length.
    mutating func answer(_ text: String) -> Int32 {
        output = Array(text.utf8)
        return Int32(output.count)
    }

    /// The text that the page has left, from a position on.
    func text(from start: Int = 0) -> String { String(decoding: input.dropFirst(start), as: UTF8.self) }
}

nonisolated(unsafe) private var engine = Engine()

/// Limits of a search; what is not above 0 is none.
private func limits(_ seconds: Double, _ states: Int32) -> SearchLimits {
    SearchLimits(
        maxStates: states > 0 ? Int(states) : SearchLimits.mostStates, maxMemory: 1 << 30,
        timeout: seconds > 0 ? seconds : nil)
}

/// Makes room for a text of so many bytes; the page writes it there.
@_expose(wasm, "ptero_input")
@_cdecl("ptero_input")
func pteroInput(_ length: Int32) -> UnsafeMutablePointer<UInt8>? {
    engine.input = [UInt8](repeating: 0, count: Int(length))
    return engine.input.withUnsafeMutableBufferPointer { $0.baseAddress }
}

/// Where the last answer is.
@_expose(wasm, "ptero_output")
@_cdecl("ptero_output")
func pteroOutput() -> UnsafePointer<UInt8>? { engine.output.withUnsafeBufferPointer { $0.baseAddress } }

/// Reads a test: the input is its file's name and its machine code, each so many bytes long, and then its text.
@_expose(wasm, "ptero_load")
@_cdecl("ptero_load")
func pteroLoad(_ nameLength: Int32, _ codeLength: Int32) -> Int32 {
    let name = String(decoding: engine.input.prefix(Int(nameLength)), as: UTF8.self)
    let rest = engine.input.dropFirst(Int(nameLength))
    let (code, text) = (Array(rest.prefix(Int(codeLength))), Array(rest.dropFirst(Int(codeLength))))
    return engine.answer(engine.session.load(text, code: code, file: name).text)
}

/// Makes the next search.
@_expose(wasm, "ptero_check_next")
@_cdecl("ptero_check_next")
func pteroCheckNext(_ seconds: Double) -> Int32 {
    engine.answer(engine.session.checkNext(limits: limits(seconds, 0)).text)
}

/// What `ptero check` prints.
@_expose(wasm, "ptero_report")
@_cdecl("ptero_report")
func pteroReport() -> Int32 { engine.answer(engine.session.report) }

/// The run that was found for a verdict.
@_expose(wasm, "ptero_witness")
@_cdecl("ptero_witness")
func pteroWitness(_ question: Int32, _ profile: Int32) -> Int32 {
    engine.answer(engine.session.witness(question: Int(question), profile: Int(profile)).text)
}

/// Begins a run.
@_expose(wasm, "ptero_explore")
@_cdecl("ptero_explore")
func pteroExplore(_ question: Int32, _ profile: Int32) -> Int32 {
    engine.answer(engine.session.explore(question: Int(question), profile: Int(profile)).text)
}

/// Goes where the steps of the input lead.
@_expose(wasm, "ptero_go")
@_cdecl("ptero_go")
func pteroGo() -> Int32 { engine.answer(engine.session.go(to: engine.text()).text) }

/// The run as a drawing; the input names the theme.
@_expose(wasm, "ptero_picture")
@_cdecl("ptero_picture")
func pteroPicture() -> Int32 { engine.answer(engine.session.picture(theme: engine.text())) }

/// What can come after the steps of the input.
@_expose(wasm, "ptero_outlook")
@_cdecl("ptero_outlook")
func pteroOutlook(_ seconds: Double, _ states: Int32) -> Int32 {
    engine.answer(engine.session.outlook(after: engine.text(), limits: limits(seconds, states)).text)
}

/// A shortest way to what the condition asks about, after the steps of the input.
@_expose(wasm, "ptero_way")
@_cdecl("ptero_way")
func pteroWay(_ seconds: Double, _ states: Int32) -> Int32 {
    engine.answer(engine.session.way(after: engine.text(), limits: limits(seconds, states)).text)
}
