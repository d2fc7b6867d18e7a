import Report

/// The manual page of a command, made from its declaration.
struct ManualPage {
    let command: CommandDescription
    /// The whole program.
    let program: CommandDescription

    /// The pages of the program and of all its commands.
    static func all() throws -> [ManualPage] {
        let program = try CommandDescription.ofPtero()
        return ([program] + program.commands).map { ManualPage(command: $0, program: program) }
    }

    private var isProgram: Bool { command.commandName == program.commandName }

    /// What `man` finds it by: `ptero-check`.
    var name: String { isProgram ? program.commandName : "\(program.commandName)-\(command.commandName)" }

    /// The file's name: `ptero-check.1`.
    var file: String { name + ".1" }

    /// The page in the language of man(7).
    var text: String {
        let title = RoffText.escaped(name.uppercased())
        var abstract = command.abstract ?? ""
        if abstract.hasSuffix(".") { abstract.removeLast() }
        let version = PteroVersion.current
        var text = """
            .\\" Made by `ptero manual` from the declaration of the command.
            .TH \(title) 1 \(PteroVersion.day) "Ptero \(version)" "Ptero manual"
            .SH NAME
            \(RoffText.escaped(name)) \\- \(RoffText.escaped(abstract.prefix(1).lowercased() + abstract.dropFirst()))
            .SH SYNOPSIS
            \(synopsis)

            """
        let discussion = Discussion(command.discussion ?? "")
        text += section("DESCRIPTION", discussion.introduction)
        if isProgram { text += section("COMMANDS", commands) }
        text += parameters
        text += section("EXIT STATUS", exitStatus)
        text += section("ENVIRONMENT", Self.environment)
        for (heading, body) in discussion.sections where heading != "EXIT STATUS" { text += section(heading, body) }
        return text + section("SEE ALSO", seeAlso)
    }

    private func section(_ heading: String, _ body: String) -> String {
        body.isEmpty ? "" : ".SH \(RoffText.escaped(heading.uppercased()))\n" + body
    }

    private var synopsis: String {
        if isProgram {
            return "\(RoffText.bold("ptero")) \(RoffText.italic("command")) [\(RoffText.italic("options"))]"
        }
        var words = [RoffText.bold("\(program.commandName) \(command.commandName)")]
        let required = command.parameters.filter { !$0.isPositional && !$0.isOptional && $0.takesValue }
        words += required.map(Self.spelling)
        if command.parameters.contains(where: { !$0.isPositional && $0.isOptional }) {
            words.append("[\(RoffText.italic("options"))]")
        }
        for parameter in command.parameters where parameter.isPositional {
            let name = Self.spelling(parameter)
            words.append(parameter.isOptional ? "[\(name)]" : name)
        }
        return words.joined(separator: " ")
    }

    private static func spelling(_ parameter: CommandDescription.Parameter) -> String {
        let value = RoffText.italic(parameter.valueName ?? "value")
        if parameter.isPositional { return value + (parameter.isRepeating ? " ..." : "") }
        let names = (parameter.names ?? []).map { RoffText.bold($0.spelling) }.joined(separator: ", ")
        return parameter.takesValue ? "\(names) \(value)" : names
    }

    private var commands: String {
        program.commands.map { RoffText.tagged(RoffText.bold($0.commandName), $0.abstract ?? "") }.joined()
    }

    /// Arguments, options, and the groups of options that have a title of their own.
    private var parameters: String {
        let shown = command.parameters
        var titles = ["ARGUMENTS", "OPTIONS"]
        for case let title? in shown.map(\.sectionTitle) where !titles.contains(title) { titles.append(title) }
        return titles.map { title in
            let own = shown.filter { ($0.sectionTitle ?? ($0.isPositional ? "ARGUMENTS" : "OPTIONS")) == title }
            return section(title, own.map { RoffText.tagged(Self.spelling($0), Self.explanation($0)) }.joined())
        }.joined()
    }

    private static func explanation(_ parameter: CommandDescription.Parameter) -> String {
        var text = parameter.abstract ?? ""
        var remarks: [String] = []
        if let values = parameter.allValues, parameter.takesValue {
            remarks.append("values: " + values.joined(separator: ", "))
        }
        if let value = parameter.defaultValue { remarks.append("default: \(value)") }
        if !remarks.isEmpty { text += " (\(remarks.joined(separator: "; ")))" }
        return text
    }

    private var seeAlso: String {
        let others = ([program.commandName] + program.commands.map { "\(program.commandName)-\($0.commandName)" })
            .filter { $0 != name }
        let shown = isProgram ? others : ["ptero", "ptero-explain"].filter { others.contains($0) }
        return shown.enumerated().map { index, other in
            ".BR \(RoffText.escaped(other)) (1)\(index == shown.count - 1 ? "" : " ,")\n"
        }.joined()
    }
}

extension ManualPage {
    /// The ends that the command can have, as it declares them.
    private var exitStatus: String {
        PteroCommand.endings(ofCommand: command.commandName).list.map { status, meaning in
            RoffText.tagged(
                RoffText.bold(String(status.rawValue)), meaning.prefix(1).uppercased() + meaning.dropFirst() + ".")
        }.joined()
    }

    private static let environment = [
        ("PTERO_CORPUS", "The folder of the tests that ship with Ptero, where it is not found beside the program."),
        ("PTERO_SOURCES", "The folder of the libraries that tests in Swift import."),
        ("COLUMNS", "How wide tables are; without it, as wide as the terminal."),
        ("NO_COLOR", "If it is set and not empty, nothing is coloured."),
    ].map { RoffText.tagged(RoffText.bold($0.0), $0.1) }.joined()
}
