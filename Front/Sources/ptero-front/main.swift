import CFront
import Report

/// What stands in front of an installed `ptero`.
///
/// It answers a small check in about half a millisecond, and hands everything else over to the whole program as if that had
/// been started. What it prints is what the whole program would.
enum Front {
    static func run() -> ExitStatus {
        var arguments: [String] = []
        while let argument = front_argument(Int32(arguments.count + 1)) { arguments.append(String(cString: argument)) }
        guard let request = FrontRequest(arguments), let answer = FrontAnswer(request) else { front_hand_over() }
        return write(answer.text, to: 1) ? answer.status : failed(answer.status)
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            // SAFETY: the text lies still while it is written.
            bytes.baseAddress.map { front_write(descriptor, $0, bytes.count) == 0 } ?? true
        }
    }

    private static func failed(_ status: ExitStatus) -> ExitStatus {
        _ = write(UsageError.unwritable.rendered(), to: 2)
        return status == .success ? .badInput : status
    }
}

front_exit(Front.run().rawValue)
