// Shows an answer: errors and warnings in place, verdicts above the line with the test's name.
'use strict';
const path = require('node:path');
const vscode = require('vscode');
const answers = require('./answer');
const places = require('./places');
const settings = require('./settings');

/** The diagnostics of a document's entry. */
function diagnostics(document, entry) {
    const text = document.getText();
    const head = places.head(text, document.fileName);
    if (entry?.failure) return [mark(document, head.line, undefined, entry.failure, vscode.DiagnosticSeverity.Warning)];
    if (!entry?.answer) return [];
    const { verdicts, faults } = entry.answer;
    const found = faults.map((fault) => ofFault(document, head, fault));
    for (const group of answers.groups(verdicts, head.name)) {
        if (group.state !== 'wrong' && group.state !== 'open') continue;
        const words = [answers.sentence(group), ...(group.state === 'open' ? group.notes : [])].join('\n');
        const line = places.resultLine(text, group.condition) ?? head.line;
        found.push(mark(document, line, undefined, words, vscode.DiagnosticSeverity.Warning));
    }
    for (const warning of answers.warnings(verdicts)) {
        const line = warning.line === null ? head.line : warning.line - 1;
        found.push(mark(document, line, undefined, answers.words(warning), vscode.DiagnosticSeverity.Information));
    }
    return found;
}

/** An error in its place; one in another file, such as a header, at the test's name, with a link to that place. */
function ofFault(document, head, fault) {
    const line = fault.line === null ? head.line : fault.line - 1;
    const error = vscode.DiagnosticSeverity.Error;
    const file = fault.file === null ? document.fileName : path.resolve(settings.of(document).cwd, fault.file);
    if (file === document.fileName) return mark(document, line, fault.column ?? undefined, answers.words(fault), error);
    const found = mark(document, head.line, undefined, `${fault.file}: ${answers.words(fault)}`, error);
    const place = new vscode.Position(Math.max(0, (fault.line ?? 1) - 1), Math.max(0, (fault.column ?? 1) - 1));
    const location = new vscode.Location(vscode.Uri.file(file), place);
    found.relatedInformation = [new vscode.DiagnosticRelatedInformation(location, fault.message)];
    return found;
}

function mark(document, line, column, message, severity) {
    const real = Math.max(0, Math.min(line, document.lineCount - 1));
    const text = document.lineAt(real).text;
    const [start, end] = column === undefined ? places.whole(text) : places.word(text, column);
    const found = new vscode.Diagnostic(new vscode.Range(real, start, real, end), message, severity);
    found.source = 'ptero';
    return found;
}

const icons = { wrong: '$(error)', open: '$(question)', right: '$(pass)', free: '$(circle-outline)' };

/** Verdicts above the test's name. */
class Lenses {
    constructor(checker) {
        this.checker = checker;
        this.emitter = new vscode.EventEmitter();
        this.onDidChangeCodeLenses = this.emitter.event;
    }

    provideCodeLenses(document) {
        const entry = this.checker.entry(document);
        const head = places.head(document.getText(), document.fileName);
        const range = new vscode.Range(head.line, 0, head.line, 0);
        const lens = (title, command, tooltip) =>
            new vscode.CodeLens(range, { title, command, tooltip, arguments: [document.uri] });
        if (entry?.run) return [lens('$(sync~spin) Ptero checks this test', '')];
        if (!entry?.answer) return [];
        return answers.groups(entry.answer.verdicts, head.name).map((group) =>
            lens(`${icons[group.state]} ${answers.sentence(group)}`, 'ptero.picture',
                [...group.notes, 'Shows the picture of a run'].join('\n')));
    }

    dispose() { this.emitter.dispose(); }
}

module.exports = { Lenses, diagnostics };
