#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What this machine is called, and which day it is.
enum MachineName {
    /// The processor's name with its generation where that is known, and the numbers that tell its kind, as `/proc/cpuinfo`
    /// has them (proc(5)).
    static func ofProcessor() -> String {
        let text = (try? Files.contents("/proc/cpuinfo", atMost: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
        return text.flatMap(processor) ?? "an unknown processor"
    }

    /// Reads the first processor's lines; nil without a name among them.
    static func processor(_ text: String) -> String? {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty, !values.isEmpty { break }
            let parts = line.split(separator: ":", maxSplits: 1).map { part in
                part.split(whereSeparator: { $0.isWhitespace }).joined(separator: " ")
            }
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let name = values["model name"] else { return nil }
        let numbers = [("family", "cpu family"), ("model", "model"), ("stepping", "stepping")].compactMap { word, key in
            values[key].map { "\(word) \($0)" }
        }
        let isVirtual = values["flags"]?.split(separator: " ").contains("hypervisor") ?? false
        let generation = generation(values["vendor_id"], values["cpu family"], values["model"]).map { [$0] } ?? []
        let details = generation + numbers + (isVirtual ? ["virtual"] : [])
        return details.isEmpty ? name : "\(name) (\(details.joined(separator: ", ")))"
    }

    /// What the vendor calls processors of a family and model, where the name that a hypervisor shows does not say it; nil for
    /// others.
    ///
    /// Intel SDM volume 4, table 2-1; AMD's processor programming references of each family and model.
    private static func generation(_ vendor: String?, _ family: String?, _ model: String?) -> String? {
        switch (vendor, family, model) {
        case ("GenuineIntel", "6", "106"): "Ice Lake"
        case ("GenuineIntel", "6", "143"): "Sapphire Rapids"
        case ("GenuineIntel", "6", "207"): "Emerald Rapids"
        case ("GenuineIntel", "6", "173"): "Granite Rapids"
        case ("AuthenticAMD", "23", "49"): "Zen 2"
        case ("AuthenticAMD", "25", "1"): "Zen 3"
        case ("AuthenticAMD", "25", "17"): "Zen 4"
        case ("AuthenticAMD", "26", "2"): "Zen 5"
        default: nil
        }
    }

    /// Today as `2026-11-29`, in UTC.
    static func today() -> String {
        var now = time(nil)
        var parts = tm()
        guard gmtime_r(&now, &parts) != nil else { return "" }
        func padded(_ number: Int32, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
    }
}
