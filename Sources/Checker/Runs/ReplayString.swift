extension Run {
    /// The replay string of a run: a digit in base 36 a step, numbers from 36 on in parentheses.
    package static func text(of steps: [Int]) -> String {
        steps.map { $0 < 36 ? String($0, radix: 36) : "(\($0))" }.joined()
    }

    /// Reads a replay string; nil when it is not one.
    package static func steps(of text: String) -> [Int]? {
        var steps: [Int] = []
        var rest = Substring(text)
        while let first = rest.first {
            rest.removeFirst()
            if first == "(" {
                guard let close = rest.firstIndex(of: ")"), let number = Int(rest[..<close]), number >= 0 else {
                    return nil
                }
                steps.append(number)
                rest = rest[rest.index(after: close)...]
            } else {
                guard first.isASCII, let number = Int(String(first), radix: 36) else { return nil }
                steps.append(number)
            }
        }
        return steps
    }
}
