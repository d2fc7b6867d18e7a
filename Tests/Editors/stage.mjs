// What each test of the VS Code extension needs: the extension, loaded anew beside a stand-in for VS Code, and a stand-in for Ptero.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { Editor } = require('./fake-vscode.cjs');
const here = path.dirname(fileURLToPath(import.meta.url));
const extensionFolder = path.resolve(here, '../../Editors/vscode');

/** Runs a test on a stage of its own, and ends what it has started. `settings` are the user's; without, the stand-in is Ptero. */
export async function onStage(settings, test) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ptero-editor-'));
    const log = path.join(folder, 'log');
    writeFileSync(log, '');
    process.env.FAKE_LOG = log;
    const defaults = { checkAutomatically: true, path: path.join(here, 'fake-ptero.cjs'), arguments: [], timeLimit: 20 };
    const editor = new Editor({ ...defaults, ...settings });
    const extension = load(editor.module);
    const context = { subscriptions: [] };
    const stage = {
        editor, extension, folder,
        start: () => extension.activate(context),
        /** Writes a file of the folder; its whole path. */
        file: (name, text) => {
            writeFileSync(path.join(folder, name), text);
            return path.join(folder, name);
        },
        /** What the stand-in noted so far. */
        calls: () => readFileSync(log, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)),
    };
    try {
        await test(stage);
    } finally {
        await extension.deactivate();
        for (const thing of context.subscriptions) thing.dispose();
        rmSync(folder, { recursive: true, force: true });
    }
}

/** What Ptero answers from now on. */
export function answer(behaviour) { process.env.FAKE_PTERO = JSON.stringify(behaviour); }

/** Records as Ptero prints them. */
export const lines = (...records) => records.map((record) => `${JSON.stringify({ schema: 1, ...record })}\n`).join('');
export const verdict = (profile, observation, expected = null, more = {}) => ({
    test: 'a', file: 'a.litmus', profile, observation, expected,
    asExpected: expected === null ? null : expected === observation, ...more,
});

/** Waits until something is true. */
export async function until(what, condition) {
    const deadline = Date.now() + 15_000;
    while (!condition()) {
        if (Date.now() > deadline) throw new Error(`waited 15 s, and still not: ${what}`);
        await pause(10);
    }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether a process is there; one that has ended and that nobody has asked about is not. */
export function lives(pid) {
    try {
        return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
        return false;
    }
}

/** Loads the extension anew, with `vscode` as it asks for it. */
function load(vscode) {
    for (const name of Object.keys(require.cache)) if (name.startsWith(extensionFolder)) delete require.cache[name];
    const original = Module._load;
    Module._load = (name, ...rest) => (name === 'vscode' ? vscode : original(name, ...rest));
    try {
        return require(path.join(extensionFolder, 'extension.js'));
    } finally {
        Module._load = original;
    }
}
