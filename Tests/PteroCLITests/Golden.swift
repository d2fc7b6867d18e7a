import Foundation
import Testing

/// Texts kept in files, so that a change of a format is seen in review.
///
/// With `PTERO_UPDATE_GOLDEN=1` in the environment the files are written anew.
enum Golden {
    static func expect(
        _ text: String, _ name: String, file: String = #filePath, location: SourceLocation = #_sourceLocation
    ) throws {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Golden")
        let path = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["PTERO_UPDATE_GOLDEN"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: path)
        }
        let kept = try String(contentsOf: path, encoding: .utf8)
        #expect(text == kept, "differs from Golden/\(name); PTERO_UPDATE_GOLDEN=1 accepts it", sourceLocation: location)
    }
}
