import Diagnostics
import Litmus
import SystemPackage

extension LitmusTest {
    /// Reads a test from a file; what is wrong with it is told with this name, a line and a column.
    ///
    /// - Throws: `Diagnostic` for a file that cannot be read and for what is not a test.
    public init(contentsOf path: String) throws(Diagnostic) {
        try self.init(Self.bytes(of: path), file: path)
    }

    /// Reads a test from a text.
    ///
    /// - Parameters:
    ///   - text: the test.
    ///   - file: how messages name where the text comes from.
    /// - Throws: `Diagnostic` for what is not a test.
    public init(text: String, file: String? = nil) throws(Diagnostic) {
        try self.init(Array(text.utf8), file: file)
    }

    private init(_ bytes: [UInt8], file: String?) throws(Diagnostic) {
        self = try LitmusParser.parse(bytes: bytes, file: file)
        places.file = file
    }

    private static func bytes(of path: String) throws(Diagnostic) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly)
            return try file.closeAfter {
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 1 << 16)
                // One byte more than a test may have is enough for the parser to refuse it: a device may have no end.
                while bytes.count <= LitmusParser.largestFile {
                    let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                    if count == 0 { break }
                    bytes += chunk[..<count]
                }
                return bytes
            }
        } catch {
            throw Diagnostic(withoutPlace: "the file cannot be read: \(error)", file: path, remedy: "check its name")
        }
    }
}
