// Checks litmus tests when they are shown and saved, and says what Ptero found. Without any package: what is here is what runs.
'use strict';
const vscode = require('vscode');
const { Checker } = require('./lib/checker');
const { Lenses, diagnostics } = require('./lib/marks');
const { Pages } = require('./lib/pages');
const settings = require('./lib/settings');

let open;

function activate(context) {
    const channel = vscode.window.createOutputChannel('Ptero');
    const log = (text) => channel.append(text);
    const checker = new Checker(log, sayMissing());
    const pages = new Pages(log);
    const marks = vscode.languages.createDiagnosticCollection('ptero');
    const lenses = new Lenses(checker);
    open = { checker, pages };
    context.subscriptions.push(channel, marks, lenses, ...showing(checker, marks, lenses), ...following(checker, pages),
        ...commands(checker, pages, channel));
    checkShown(checker);
}

/** Ends what runs, and takes away what was written. */
async function deactivate() {
    open?.checker.dispose();
    await open?.pages.dispose();
    open = undefined;
}

/** What is shown of an answer, as soon as there is another. */
function showing(checker, marks, lenses) {
    return [
        checker.onDidChange((document) => {
            marks.set(document.uri, diagnostics(document, checker.entry(document)));
            lenses.emitter.fire();
        }),
        vscode.languages.registerCodeLensProvider({ language: 'litmus', scheme: 'file' }, lenses),
    ];
}

/** Documents that are shown, edited, saved and closed, and settings that change. */
function following(checker, pages) {
    const { workspace, window } = vscode;
    const again = (document) => {
        if (settings.takes(document) && settings.of(document).automatic) checker.check(document);
    };
    return [
        window.onDidChangeVisibleTextEditors(() => checkShown(checker)),
        workspace.onDidOpenTextDocument(() => checkShown(checker)),
        workspace.onDidGrantWorkspaceTrust(() => checkShown(checker)),
        workspace.onDidSaveTextDocument((document) => {
            again(document);
            pages.saved(document);
        }),
        workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
            if (contentChanges.length > 0) {
                checker.forget(document);
                pages.changed(document);
            }
            // The file has changed and was read again, or edits were undone.
            if (!document.isDirty) checkShown(checker);
        }),
        workspace.onDidCloseTextDocument((document) => checker.forget(document)),
        workspace.onDidChangeConfiguration((event) => {
            if (!event.affectsConfiguration('ptero')) return;
            for (const document of workspace.textDocuments) checker.forget(document);
            checkShown(checker);
        }),
    ];
}

/** Checks what is shown and has no answer. A document that is only open may be one of hundreds that a search looks through. */
function checkShown(checker) {
    for (const { document } of vscode.window.visibleTextEditors) {
        const wanted = settings.takes(document) && !document.isDirty && settings.of(document).automatic;
        if (wanted && !checker.entry(document)) checker.check(document);
    }
}

function commands(checker, pages, channel) {
    const register = (name, act) => vscode.commands.registerCommand(name, async (address) => {
        const document = await asked(address);
        if (document) await act(document);
    });
    return [
        register('ptero.check', (document) => checker.check(document)),
        register('ptero.picture', (document) => pages.picture(document)),
        register('ptero.explore', (document) => pages.explore(document)),
        vscode.commands.registerCommand('ptero.output', () => channel.show()),
    ];
}

/** The saved test that a command is about; undefined, after a word to the user, where there is none. */
async function asked(address) {
    const document = address instanceof vscode.Uri
        ? await vscode.workspace.openTextDocument(address) : vscode.window.activeTextEditor?.document;
    if (!vscode.workspace.isTrusted) {
        await vscode.window.showWarningMessage('Ptero runs only in a workspace that you trust.');
    } else if (!document || !settings.takes(document)) {
        await vscode.window.showWarningMessage('Open a litmus test that is a file first: Ptero reads files.');
    } else if (!document.isDirty || await document.save()) {
        return document;
    }
    return undefined;
}

/** Says that there is no Ptero, once for each path, and offers the setting. */
function sayMissing() {
    const said = new Set();
    return async ({ program }) => {
        if (said.has(program)) return;
        said.add(program);
        const choice = await vscode.window.showErrorMessage(
            `Ptero was not found: there is no program ${program}. Install it, or say in ptero.path where it is.`, 'Open the setting');
        if (choice) await vscode.commands.executeCommand('workbench.action.openSettings', 'ptero.path');
    };
}

module.exports = { activate, deactivate };
