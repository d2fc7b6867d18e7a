import Diagnostics
import Report
import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a command may use of the process that runs it, so that tests can bring their own.
package struct Surroundings: Sendable {
    /// Results.
    package var output: Output
    /// Diagnostics and progress.
    package var errors: Output
    /// Environment variables, those that commands look at.
    package var environment: @Sendable (_ name: String) -> String?
    /// The folder that relative paths begin in.
    package var currentDirectory: String
    /// The executable's real path, or nil.
    package var executable: String?
    /// Processors that may be used.
    package var cores: Int
    /// Bytes of memory that are free.
    package var freeMemory: Int
    /// Whether Ctrl-C ends searches rather than the process.
    package var handlesInterrupts: Bool
    /// The columns of the terminal that results go to, or what `COLUMNS` says; nil for neither.
    package var width: Int?
    /// What `ptero` was called with, without its own name: a report says how it was made.
    package var arguments: [String] = []
    /// Reads standard input: at most the given number of bytes.
    package var readStandardInput: @Sendable (Int) throws -> [UInt8]
    /// Reads the next line of standard input, without its end; nil after the last.
    package var readLine: @Sendable () -> String?
    /// Where the arguments are from that lists name (``ArgumentList``).
    var origins: [ArgumentList.Origin] = []
    /// Where errors are noted as well; nil where nobody asks.
    var faults: FaultLog?

    /// Makes surroundings from parts.
    package init(
        output: Output, errors: Output, environment: @escaping @Sendable (_ name: String) -> String?,
        currentDirectory: String, executable: String?,
        cores: Int, freeMemory: Int, handlesInterrupts: Bool, width: Int? = nil,
        readLine: @escaping @Sendable () -> String? = { nil },
        readStandardInput: @escaping @Sendable (Int) throws -> [UInt8]
    ) {
        self.output = output
        self.errors = errors
        self.environment = environment
        self.currentDirectory = currentDirectory
        self.executable = executable
        self.cores = cores
        self.freeMemory = freeMemory
        self.handlesInterrupts = handlesInterrupts
        self.width = width
        self.readLine = readLine
        self.readStandardInput = readStandardInput
    }

    /// Those of this process.
    package static var ofProcess: Surroundings {
        Surroundings(
            output: .standardOutput, errors: .standardError, environment: ownEnvironment,
            currentDirectory: Files.currentDirectory(), executable: Files.executable(),
            cores: Processors.usable(), freeMemory: FreeMemory.bytes(),
            handlesInterrupts: true,
            width: Style.width(columns: getenv("COLUMNS").map { String(cString: $0) }, terminal: terminalWidth()),
            readLine: { Swift.readLine() }
        ) { limit in
            try Files.contents(.standardInput, atMost: limit)
        }
    }

    /// The columns of the terminal that standard output goes to (ioctl_tty(2)); nil when it goes elsewhere.
    private static func terminalWidth() -> Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    /// How tables are laid out, without colour.
    var plainStyle: Style { Style(isColored: false, width: width) }

    /// Asks for one variable, which costs less than to copy all.
    @Sendable private static func ownEnvironment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// A path as the file system needs it.
    func resolved(_ path: String) -> String {
        path.hasPrefix("/") ? path : currentDirectory + "/" + path
    }

    /// The text of a file that the user named; nil if it is none, or longer than a screen has use for.
    func text(of file: String) -> String? {
        guard let bytes = try? Files.contents(resolved(file), atMost: TestSource.mostBytes),
            bytes.count < TestSource.mostBytes
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Writes a file that the user named.
    /// - Throws: `Diagnostic` where it cannot be written.
    func write(_ text: String, to file: String) throws(Diagnostic) {
        do { try Files.write(text, to: resolved(file)) } catch {
            let remedy =
                switch error as? Errno {
                case .noSpace?: "the disk is full"
                case .isDirectory?: "this is a folder: name a file in it"
                case .brokenPipe?: "its reader is gone"
                default: "check the folder, and its permissions"
                }
            throw Diagnostic(withoutPlace: "\(file) cannot be written", remedy: remedy)
        }
    }

    /// Prints what is wrong, with the line where it is about a place of a file.
    func report(_ diagnostic: Diagnostic) {
        faults?.note(diagnostic, of: diagnostic.file)
        let source = diagnostic.place == nil ? nil : diagnostic.file.flatMap(text(of:))
        errors.write(diagnostic.rendered(source: source) + "\n")
    }

    /// The folder that a file is in, where its `Include=` lines look first; for standard input the current one.
    func folder(of file: String) -> String {
        let path = resolved(file)
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}

/// How much memory a search may plan with.
enum FreeMemory {
    /// What the kernel could give without swapping (`MemAvailable` of proc(5)); elsewhere half of what is installed.
    static func bytes() -> Int {
        if let text = try? Files.contents("/proc/meminfo", atMost: 1 << 16),
            let bytes = available(in: String(decoding: text, as: UTF8.self))
        {
            return bytes
        }
        let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        return max(1, pages / 2).multipliedReportingOverflow(by: max(1, size)).partialValue
    }

    /// Reads `MemAvailable:  123 kB`.
    static func available(in text: String) -> Int? {
        let name = "MemAvailable:".utf8
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) where line.starts(with: name) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count >= 2, let kilobytes = Int(Substring(words[1])) else { return nil }
            let (bytes, overflow) = kilobytes.multipliedReportingOverflow(by: 1024)
            return overflow ? nil : bytes
        }
        return nil
    }
}
