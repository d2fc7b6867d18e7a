import Foundation
import Report
import TestSupport
import Testing

/// The JSON Schemas of Documentation beside the records that goldens keep; `.ci/formats` validates by a reader that is not ours.
@Suite struct SchemaTests {
    private struct Kinds {
        var version: String
        /// The keys of each kind of record, and those that it must have.
        var keys: [(all: Set<String>, required: Set<String>)]

        init(_ schema: RecordSchema) throws {
            let bytes = try Checkout.bytes("Documentation/ptero-\(schema).schema.json")
            let whole = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
            let parts = try #require(whole["$defs"] as? [String: [String: Any]])
            version = try #require(parts["version"]?["const"] as? String)
            let names = try #require(whole["oneOf"] as? [[String: String]]).compactMap {
                $0["$ref"]?.split(separator: "/").last.map(String.init)
            }
            keys = try names.map { name in
                let kind = try #require(parts[name])
                #expect(kind["additionalProperties"] as? Bool == false)
                let properties = try #require(kind["properties"] as? [String: Any])
                return (Set(properties.keys), Set(kind["required"] as? [String] ?? []))
            }
        }

        /// Whether a record has the keys of one of the kinds.
        func contain(_ record: [String: Any]) -> Bool {
            keys.contains { $0.required.isSubset(of: record.keys) && Set(record.keys).isSubset(of: $0.all) }
        }
    }

    @Test(arguments: RecordSchema.allCases) func everyKindOfRecordHasItsSchema(_ schema: RecordSchema) throws {
        let kinds = try Kinds(schema)
        #expect(kinds.version == schema.name)
        let page = try Checkout.text("Documentation/exit-codes-and-output.md")
        #expect(page.contains("`\(schema.name)`") && page.contains("(ptero-\(schema).schema.json)"))
    }

    @Test(arguments: [
        (RecordSchema.check, "PteroCLITests/Golden/check.json"), (.check, "PteroCLITests/Golden/several.json"),
        (.check, "ReportTests/Golden/verdicts.json"), (.check, "ReportTests/Golden/document-faults.json"),
        (.why, "PteroCLITests/Golden/why-loop.json"), (.synth, "PteroCLITests/Golden/synth.json"),
        (.profiles, "PteroCLITests/Golden/profiles.json"), (.measure, "ReportTests/Golden/measure.json"),
    ])
    func recordsHaveTheKeysOfTheirSchema(_ schema: RecordSchema, _ golden: String) throws {
        let kinds = try Kinds(schema)
        let lines = try Checkout.text("Tests/\(golden)").split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            var record = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(record["schema"] as? String == schema.name)
            #expect(kinds.contain(record), "\(line.prefix(200))")
            record["unknown"] = 1
            #expect(!kinds.contain(record))
        }
    }
}
