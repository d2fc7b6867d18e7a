import Synthesis

/// A measurement as lines of JSON: first the machine, then one object for each figure.
package enum MeasureJSON {
    /// The lines.
    package static func text(_ measurement: MachineMeasurement) -> String {
        var lines = [machine(measurement)]
        for row in measurement.rows {
            for setting in CostSetting.allCases {
                if let figure = row.figures[.setting(setting)] { lines.append(line(row, setting.rawValue, figure)) }
            }
            for start in EntryStart.allCases {
                if let figure = row.figures[.start(start)] { lines.append(line(row, start.rawValue, figure)) }
            }
        }
        return lines.map { $0.text + "\n" }.joined()
    }

    private static func machine(_ measurement: MachineMeasurement) -> JSONText {
        let times = CostSetting.allCases.compactMap { setting in
            measurement.nanoseconds[setting].map { JSONText.Member(setting.rawValue, .decimal($0, decimals: 3)) }
        }
        return .object([
            RecordSchema.measure.member,
            .init("machine", .string(measurement.machine)), .init("date", .string(measurement.date)),
            .init("cpu", measurement.cpu.map { .integer($0) } ?? .null), .init("nanoseconds", .object(times)),
            .init("interrupted", .bool(measurement.isInterrupted)),
        ])
    }

    private static func line(_ row: MeasuredRow, _ column: String, _ figure: MeasuredFigure) -> JSONText {
        var members = [RecordSchema.measure.member]
        switch row.subject {
        case .item(let item):
            members += [.init("item", .string(item.rawValue)), .init("setting", .string(column))]
            if item.isStandIn { members.append(.init("standIn", .bool(true))) }
            if item.isExtra { members.append(.init("extra", .bool(true))) }
        case .sequence(let name):
            members += [.init("sequence", .string(name)), .init("entries", .string(column))]
            if !row.sameIn.isEmpty { members.append(.init("sameIn", .array(row.sameIn.map { .string($0) }))) }
            if !row.leftOut.isEmpty { members.append(.init("leftOut", .array(row.leftOut.map { .string($0) }))) }
        }
        switch figure {
        case .price(let entry):
            members.append(.init("ratio", .decimal(entry.minimum, decimals: 4)))
            members.append(.init("spread", .decimal(entry.spread, decimals: 4)))
        case .unusable(let reason):
            members.append(.init("ratio", .null))
            members.append(.init("unusable", .string(CostWords.words(reason))))
        }
        return .object(members)
    }
}
