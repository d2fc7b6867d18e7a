import Foundation

/// What a command may use of the process that runs it, so that tests can bring their own.
public struct Surroundings: Sendable {
    /// Results.
    public var output: Output
    /// Diagnostics and progress.
    public var errors: Output
    /// Environment variables.
    public var environment: [String: String]
    /// The folder that relative paths begin in.
    public var currentDirectory: String
    /// The executable's real path, or nil.
    public var executable: String?
    /// Processors that may be used.
    public var cores: Int
    /// Bytes of memory that are free.
    public var freeMemory: Int
    /// Whether Ctrl-C ends searches rather than the process.
    public var handlesInterrupts: Bool
    /// Reads standard input: at most the given number of bytes.
    public var readStandardInput: @Sendable (Int) throws -> [UInt8]

    /// Makes surroundings from parts.
    public init(
        output: Output, errors: Output, environment: [String: String], currentDirectory: String, executable: String?,
        cores: Int, freeMemory: Int, handlesInterrupts: Bool,
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
        self.readStandardInput = readStandardInput
    }

    /// Those of this process.
    public static var ofProcess: Surroundings {
        Surroundings(
            output: .standardOutput, errors: .standardError, environment: ProcessInfo.processInfo.environment,
            currentDirectory: FileManager.default.currentDirectoryPath,
            executable: Bundle.main.executableURL?.resolvingSymlinksInPath().path,
            cores: max(1, ProcessInfo.processInfo.activeProcessorCount), freeMemory: FreeMemory.bytes(),
            handlesInterrupts: true
        ) { limit in
            try FileHandle.standardInput.read(atMost: limit)
        }
    }

    /// A path as the file system needs it.
    func resolved(_ path: String) -> String {
        path.hasPrefix("/") ? path : currentDirectory + "/" + path
    }

    /// The text of a file that the user named; nil if it is none, or longer than a screen has use for.
    func text(of file: String) -> String? {
        guard let handle = try? FileHandle(forReadingFrom: URL(fileURLWithPath: resolved(file))) else { return nil }
        defer { try? handle.close() }
        guard let bytes = try? handle.read(atMost: TestSource.mostBytes), bytes.count < TestSource.mostBytes else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The folder that a file is in, where its `Include=` lines look first; for standard input the current one.
    func folder(of file: String) -> String {
        guard file.contains("/") else { return currentDirectory }
        return URL(fileURLWithPath: resolved(file)).deletingLastPathComponent().path
    }
}

extension FileHandle {
    /// Reads to the end, but no more than `limit` bytes: devices and pipes may have no end.
    func read(atMost limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit, let data = try read(upToCount: limit - bytes.count), !data.isEmpty {
            bytes += data
        }
        return bytes
    }
}

/// How much memory a search may plan with.
enum FreeMemory {
    /// What the kernel could give without swapping (`MemAvailable` of proc(5)); elsewhere half of what is installed.
    static func bytes() -> Int {
        if let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8), let bytes = available(in: text) {
            return bytes
        }
        return Int(clamping: ProcessInfo.processInfo.physicalMemory / 2)
    }

    /// Reads `MemAvailable:  123 kB`.
    static func available(in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            let words = line.split(separator: " ")
            guard words.count >= 2, let kilobytes = Int(words[1]) else { return nil }
            let (bytes, overflow) = kilobytes.multipliedReportingOverflow(by: 1024)
            return overflow ? nil : bytes
        }
        return nil
    }
}
