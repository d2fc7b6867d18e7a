// What is too large for a line of text: the picture of a test's runs beside it, and the explorer in the browser.
'use strict';
const { mkdtempSync } = require('node:fs');
const fs = require('node:fs/promises');
const os = require('node:os');
const path = require('node:path');
const vscode = require('vscode');
const { failure } = require('./checker');
const { Run } = require('./program');
const settings = require('./settings');

class Pages {
    constructor(log) {
        this.log = log;
        // By address: { panel, run } of a document.
        this.pictures = new Map();
        this.folder = undefined;
        this.files = 0;
        this.runs = new Set();
    }

    /** Shows `ptero check --html` of the file in a panel beside it. */
    async picture(document) {
        const key = document.uri.toString();
        let shown = this.pictures.get(key);
        if (!shown) {
            const panel = vscode.window.createWebviewPanel('ptero.picture', '', vscode.ViewColumn.Beside,
                { enableScripts: true, enableFindWidget: true, localResourceRoots: [] });
            shown = { panel };
            this.pictures.set(key, shown);
            panel.onDidDispose(() => {
                shown.run?.stop();
                if (this.pictures.get(key) === shown) this.pictures.delete(key);
            });
        } else {
            shown.panel.reveal(undefined, true);
        }
        await this.draw(document, shown);
    }

    async draw(document, shown) {
        shown.run?.stop();
        shown.panel.title = path.basename(document.fileName);
        shown.panel.webview.html = page('Ptero checks this test ...');
        const file = this.place('.html');
        const wanted = settings.of(document);
        const run = this.start(wanted, ['check', '--html', file, ...wanted.more, '--', document.fileName]);
        shown.run = run;
        const result = await run.done;
        const html = await fs.readFile(file, 'utf8').catch(() => '');
        await fs.rm(file, { force: true });
        // Another run, or an edit, has come in between.
        if (shown.run !== run || this.pictures.get(document.uri.toString()) !== shown) return;
        shown.run = undefined;
        shown.panel.webview.html = html || page(why(result, wanted));
    }

    /** An edit: a picture of the text before is none of this one. */
    changed(document) {
        const shown = this.pictures.get(document.uri.toString());
        if (!shown) return;
        shown.run?.stop();
        shown.run = undefined;
        shown.panel.webview.html = page('The test has changed. Save it, and its picture is here again.');
    }

    async saved(document) {
        const shown = this.pictures.get(document.uri.toString());
        if (shown) await this.draw(document, shown);
    }

    /** Writes the page of `ptero explore` and hands it to the browser. */
    async explore(document) {
        const wanted = settings.of(document);
        const file = this.place(`-${path.basename(document.fileName, '.litmus')}.html`);
        const run = this.start(wanted, ['explore', '--output', file, ...settings.forCompilers(wanted.more), '--', document.fileName]);
        const result = await run.done;
        if (result.how === 'stopped') return;
        const made = await fs.access(file).then(() => true, () => false);
        if (!made) await vscode.window.showErrorMessage(why(result, wanted));
        else if (!(await vscode.env.openExternal(vscode.Uri.file(file)))) {
            await vscode.window.showErrorMessage(`No browser was found for ${file}.`);
        }
    }

    start(wanted, words) {
        this.log(`${[wanted.program, ...words].map((word) => JSON.stringify(word)).join(' ')}\n`);
        const run = new Run(wanted.program, words, wanted);
        this.runs.add(run);
        run.done.then((result) => {
            this.runs.delete(run);
            if (result.errors) this.log(result.errors);
        });
        return run;
    }

    /** A new name in a folder that nobody else can write into. */
    place(ending) {
        this.folder ??= mkdtempSync(path.join(os.tmpdir(), 'ptero-'));
        this.files += 1;
        return path.join(this.folder, `${this.files}${ending}`);
    }

    async dispose() {
        for (const run of this.runs) run.stop();
        for (const { panel } of [...this.pictures.values()]) panel.dispose();
        // The browser has read its page long since.
        if (this.folder) await fs.rm(this.folder, { recursive: true, force: true });
    }
}

/** Why there is no page: what Ptero said, all of it. */
function why(result, wanted) {
    return result.how === 'ended' && result.errors.trim() ? result.errors.trim() : failure(result, wanted);
}

/** A page with a few words; they may be anything. */
function page(words) {
    const escaped = words.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    return '<!DOCTYPE html><meta charset="utf-8">' +
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">' +
        `<pre style="white-space: pre-wrap">${escaped}</pre>`;
}

module.exports = { Pages };
