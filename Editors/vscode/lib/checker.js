// Keeps an answer for each document that is shown, and no answer for another text than the one that is there.
'use strict';
const vscode = require('vscode');
const answers = require('./answer');
const { Run } = require('./program');
const settings = require('./settings');

class Checker {
    /** `log` takes text for the output channel; `missing` is called with the settings when there is no such program. */
    constructor(log, missing) {
        this.log = log;
        this.missing = missing;
        // By address: { version, run, answer, failure }. An entry is of one version of one document.
        this.entries = new Map();
        this.emitter = new vscode.EventEmitter();
        /** Fired with a document whose entry has changed. */
        this.onDidChange = this.emitter.event;
    }

    /** What is known of the document's present text, if anything. */
    entry(document) {
        const entry = this.entries.get(document.uri.toString());
        return entry && entry.version === document.version && !document.isDirty ? entry : undefined;
    }

    /** Forgets all of a document, and ends what runs for it. */
    forget(document) {
        const key = document.uri.toString();
        const entry = this.entries.get(key);
        if (!entry) return;
        this.entries.delete(key);
        entry.run?.stop();
        this.emitter.fire(document);
    }

    /** Asks Ptero about the file; what was asked before is ended. The file has the document's text as long as nobody edits that. */
    async check(document) {
        this.forget(document);
        if (!settings.takes(document) || document.isDirty) return;
        const wanted = settings.of(document);
        const words = ['check', '--format', 'json', ...wanted.more, '--', document.fileName];
        this.log(`${[wanted.program, ...words].map((word) => JSON.stringify(word)).join(' ')}\n`);
        const entry = { version: document.version, run: new Run(wanted.program, words, wanted) };
        this.entries.set(document.uri.toString(), entry);
        this.emitter.fire(document);
        const result = await entry.run.done;
        // Another check, or an edit, has come in between: this is an answer about an old text.
        if (this.entry(document) !== entry) return;
        entry.run = undefined;
        if (result.errors) this.log(result.errors);
        entry.answer = result.how === 'ended' ? answers.read(result.output) : undefined;
        if (!entry.answer || entry.answer.verdicts.length + entry.answer.faults.length === 0) {
            entry.answer = undefined;
            entry.failure = failure(result, wanted);
        }
        this.emitter.fire(document);
        if (result.how === 'missing') this.missing(wanted);
    }

    dispose() {
        for (const entry of this.entries.values()) entry.run?.stop();
        this.entries.clear();
        this.emitter.dispose();
    }
}

/** Why there is no answer, and what to do. */
function failure(result, wanted) {
    const first = result.errors.trim().split('\n')[0];
    switch (result.how) {
    case 'missing':
        return `Ptero was not found: there is no program ${wanted.program}, or no folder ${wanted.cwd}. Set ptero.path.`;
    case 'unusable': return `Ptero cannot be started: ${first}`;
    case 'time':
        return `Ptero was stopped after ${wanted.seconds} s, without a verdict. Set ptero.timeLimit, or --max-states in ptero.arguments.`;
    case 'size': return 'Ptero was stopped: its answer is too long to be shown.';
    default: {
        const said = first ? `: ${first}` : '';
        return `Ptero gave no answer that can be read (exit status ${result.status})${said}. The output "Ptero" has more.`;
    }
    }
}

module.exports = { Checker, failure };
