import Diagnostics

/// What a test's file is written in.
package enum TestLanguage: Sendable {
    case columns, c, swift

    /// The language of a file's content, by its first words.
    package init(of bytes: [UInt8]) {
        self = CTest.isCTest(bytes) ? .c : SwiftTest.isSwiftTest(bytes) ? .swift : .columns
    }

    /// A test in this language; in C and Swift without the code of its threads, which is to be compiled.
    package func uncompiled(_ bytes: [UInt8], file: String?) throws(Diagnostic) -> LitmusTest {
        switch self {
        case .columns: try LitmusParser.parse(bytes: bytes, file: file)
        case .c: try CTest.parse(bytes: bytes, file: file).test
        case .swift: try SwiftTest.parse(bytes: bytes, file: file).test
        }
    }
}
