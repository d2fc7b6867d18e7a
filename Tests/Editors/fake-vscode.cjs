// A stand-in for the part of VS Code that the extension uses: it keeps what it is handed, refuses what VS Code would refuse, and
// lets a test act as the user. It is no VS Code: nothing is drawn.
'use strict';
const assert = require('node:assert');
const { readFileSync, writeFileSync } = require('node:fs');

class EventEmitter {
    constructor() {
        this.listeners = [];
        this.event = (listener) => {
            this.listeners.push(listener);
            return { dispose: () => { this.listeners = this.listeners.filter((other) => other !== listener); } };
        };
    }

    fire(value) { for (const listener of this.listeners) listener(value); }
    dispose() { this.listeners = []; }
}

class Position {
    constructor(line, character) {
        for (const number of [line, character]) assert(Number.isInteger(number) && number >= 0, `no position: ${line}, ${character}`);
        Object.assign(this, { line, character });
    }
}

class Range {
    constructor(line, character, endLine, endCharacter) {
        this.start = new Position(line, character);
        this.end = new Position(endLine, endCharacter);
    }
}

class Uri {
    constructor(fsPath) { Object.assign(this, { fsPath, scheme: 'file' }); }
    static file(fsPath) { return new Uri(fsPath); }
    toString() { return `file://${encodeURI(this.fsPath)}`; }
}

class Diagnostic {
    constructor(range, message, severity) {
        assert(range instanceof Range && typeof message === 'string' && message !== '' && Number.isInteger(severity));
        Object.assign(this, { range, message, severity });
    }
}

class Location { constructor(uri, position) { Object.assign(this, { uri, position }); } }
class DiagnosticRelatedInformation { constructor(location, message) { Object.assign(this, { location, message }); } }
class CodeLens {
    constructor(range, command) {
        assert(range instanceof Range && typeof command.title === 'string' && typeof command.command === 'string');
        Object.assign(this, { range, command });
    }
}

class Document {
    constructor(editor, file, languageId) {
        this.editor = editor;
        Object.assign(this, { uri: Uri.file(file), fileName: file, languageId, version: 1, isDirty: false });
        this.text = readFileSync(file, 'utf8');
    }

    getText() { return this.text; }
    get lines() { return this.text.split(/\r?\n/); }
    get lineCount() { return this.lines.length; }
    lineAt(line) {
        assert(line >= 0 && line < this.lineCount, `no line ${line}`);
        return { text: this.lines[line] };
    }

    async save() {
        writeFileSync(this.fileName, this.text);
        this.clean();
        this.editor.events.save.fire(this);
        return true;
    }

    /** The text is that of the file: VS Code tells so as a change of nothing. */
    clean() {
        this.isDirty = false;
        this.editor.events.change.fire({ document: this, contentChanges: [] });
    }

    /** Somebody types, or, with `read`, the file has changed and is read again. */
    edit(text, { read = false } = {}) {
        this.text = text;
        this.version += 1;
        this.isDirty = !read;
        this.editor.events.change.fire({ document: this, contentChanges: [{ text }] });
    }
}

const nothing = { dispose() {} };

/** An editor with one window. `settings` are those that the user has set. */
class Editor {
    constructor(settings) {
        const names = ['visible', 'open', 'trust', 'save', 'change', 'close', 'configuration'];
        this.events = Object.fromEntries(names.map((name) => [name, new EventEmitter()]));
        Object.assign(this, { settings, trusted: true, documents: [], shown: [], marks: new Map(), lenses: undefined });
        Object.assign(this, { commands: new Map(), told: [], opened: [], panels: [], output: '', choice: undefined });
        this.module = this.made();
    }

    /** What `require('vscode')` is. */
    made() {
        return {
            EventEmitter, Position, Range, Uri, Diagnostic, Location, DiagnosticRelatedInformation, CodeLens,
            DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 }, ViewColumn: { Beside: -2 },
            window: this.window(), workspace: this.workspace(), languages: this.languages(), commands: this.commandModule(),
            env: {
                openExternal: async (uri) => {
                    this.opened.push(uri);
                    return true;
                },
            },
        };
    }

    window() {
        const editor = this;
        const tell = async (text) => {
            this.told.push(text);
            return this.choice;
        };
        return {
            createOutputChannel: () => ({ append: (text) => { this.output += text; }, show() {}, dispose() {} }),
            onDidChangeVisibleTextEditors: this.events.visible.event,
            get visibleTextEditors() { return editor.shown.map((document) => ({ document })); },
            get activeTextEditor() { return editor.shown[0] && { document: editor.shown[0] }; },
            showErrorMessage: tell, showWarningMessage: tell,
            createWebviewPanel: () => this.panel(),
        };
    }

    workspace() {
        const { events } = this;
        const editor = this;
        return {
            get isTrusted() { return editor.trusted; },
            textDocuments: this.documents,
            getConfiguration: (section) => {
                assert.equal(section, 'ptero');
                return { get: (name) => this.settings[name] };
            },
            getWorkspaceFolder: () => undefined,
            openTextDocument: async (uri) => this.documents.find((document) => document.uri.toString() === uri.toString()),
            onDidOpenTextDocument: events.open.event, onDidGrantWorkspaceTrust: events.trust.event,
            onDidSaveTextDocument: events.save.event, onDidChangeTextDocument: events.change.event,
            onDidCloseTextDocument: events.close.event, onDidChangeConfiguration: events.configuration.event,
        };
    }

    languages() {
        return {
            createDiagnosticCollection: () => ({ set: (uri, list) => this.marks.set(uri.toString(), list), dispose() {} }),
            registerCodeLensProvider: (_, provider) => {
                this.lenses = provider;
                return nothing;
            },
        };
    }

    commandModule() {
        return {
            registerCommand: (name, act) => {
                this.commands.set(name, act);
                return nothing;
            },
            executeCommand: async (...words) => { this.opened.push(words); },
        };
    }

    panel() {
        const ended = new EventEmitter();
        const panel = { title: '', webview: { html: '' }, onDidDispose: ended.event, reveal() {}, dispose: () => ended.fire() };
        this.panels.push(panel);
        return panel;
    }

    /** Opens a file in a window of its own. */
    show(file, languageId = 'litmus') {
        const document = new Document(this, file, languageId);
        this.documents.push(document);
        this.shown = [document];
        this.events.open.fire(document);
        this.events.visible.fire();
        return document;
    }

    /** Diagnostics of a document as [severity, line, from, to, message]. */
    marked(document) {
        return (this.marks.get(document.uri.toString()) ?? []).map((mark) => {
            const { start, end } = mark.range;
            assert.equal(start.line, end.line);
            return [mark.severity, start.line, start.character, end.character, mark.message];
        });
    }

    /** Titles above the line with the test's name. */
    titles(document) { return this.lenses.provideCodeLenses(document).map((lens) => lens.command.title); }
}

module.exports = { Editor };
