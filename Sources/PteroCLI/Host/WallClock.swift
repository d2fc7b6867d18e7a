#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The time of day.
enum WallClock {
    /// Now, in seconds since 1970.
    ///
    /// - Parameter fixed: what `SOURCE_DATE_EPOCH` says, where outputs are to be the same each time
    ///   (reproducible-builds.org).
    static func seconds(fixed: String?) -> time_t { fixed.flatMap { time_t($0) } ?? time(nil) }

    /// A time in UTC, as `2026-11-30T11:00:00`; the C library reads a file of time zones for that.
    static func text(of seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil, (0...8099).contains(parts.tm_year) else {
            return "1970-01-01T00:00:00"
        }
        func padded(_ number: Int32, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let day = [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2), padded(parts.tm_mday, 2)]
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0, 2) }
        return day.joined(separator: "-") + "T" + time.joined(separator: ":")
    }
}
