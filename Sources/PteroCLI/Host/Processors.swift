#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How many processors searches may use.
enum Processors {
    /// Those that this process may run on, less where a container's quota grants less time than they have.
    static func usable() -> Int {
        let allowed = max(1, affinity() ?? Int(clamping: sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return min(allowed, quota() ?? allowed)
    }

    /// The processors in this process's affinity mask (proc(5), `Cpus_allowed`), or nil where that is not told.
    private static func affinity() -> Int? { text("/proc/self/status").flatMap(affinity) }

    /// Counts the bits of `Cpus_allowed:  ff,ffffffff`; nil without such a line.
    static func affinity(_ status: String) -> Int? {
        let name = "Cpus_allowed:".utf8
        let lines = status.utf8.split(separator: UInt8(ascii: "\n"))
        guard let line = lines.first(where: { $0.starts(with: name) }) else { return nil }
        let count = Substring(line.dropFirst(name.count)).reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
        return count > 0 ? count : nil
    }

    /// The quota of this process's control group, version 2 or 1, in whole processors; nil for none.
    private static func quota() -> Int? {
        let folder = "/sys/fs/cgroup/"
        if let both = text(folder + "cpu.max") { return quota(both) }
        guard let quota = text(folder + "cpu/cpu.cfs_quota_us"), let period = text(folder + "cpu/cpu.cfs_period_us")
        else { return nil }
        return self.quota(quota + " " + period)
    }

    /// The processors that `quota period`, both in microseconds, amounts to, rounded up; nil when it sets no limit.
    static func quota(_ text: String) -> Int? {
        let numbers = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else {
            return nil
        }
        return (quota - 1) / period + 1
    }

    private static func text(_ path: String) -> String? {
        (try? Files.contents(path, atMost: 4096)).map { String(decoding: $0, as: UTF8.self) }
    }
}
