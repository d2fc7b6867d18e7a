// When the VS Code extension runs Ptero, with what, and when it ends it.
//
//     node --test Tests/Editors
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { answer, lines, lives, onStage, pause, until, verdict } from './stage.mjs';

const text = 'X86_64 a\n{ }\n P0 ;\n nop ;\nexists (true)\n';
const never = lines(verdict('cet', 'Never'));
const always = lines(verdict('cet', 'Always'));
const [isNever, isAlways] = ['$(circle-outline) Never on cet', '$(circle-outline) Always on cet'];
const busy = '$(sync~spin) Ptero checks this test';
const started = (calls) => calls.filter((call) => call.words);
const asked = (calls) => calls.filter((call) => call.asked).map((call) => call.asked);

test('arguments are handed over as they are, whatever the file is called', async () => {
    await onStage({ arguments: ['--kernel-tree', 'my linux; exit'] }, async ({ editor, start, file, calls, folder }) => {
        answer({ output: never });
        start();
        const name = '-a $(touch x) `touch y` "q" \'r\' ; touch z & @list\n|.litmus';
        const document = editor.show(file(name, text));
        await until('an answer', () => editor.titles(document)[0] === isNever);
        assert.deepEqual(started(calls()).map((call) => call.words),
            [['check', '--format', 'json', '--kernel-tree', 'my linux; exit', '--', `${folder}/${name}`]]);
        for (const made of ['x', 'y', 'z']) assert(!existsSync(`${folder}/${made}`));
    });
});

test('an answer about an old text is never shown, and what was to give it is ended', async () => {
    await onStage({}, async ({ editor, start, file, calls }) => {
        answer({ output: never, milliseconds: 60_000 });
        start();
        const document = editor.show(file('a.litmus', text));
        await until('a run', () => started(calls()).length === 1);
        assert.deepEqual(editor.titles(document), [busy]);
        document.edit(`${text}\n`);
        assert.deepEqual(editor.titles(document), []);
        await until('its end', () => asked(calls()).length === 1);
        assert.equal(asked(calls())[0], started(calls())[0].pid);
        answer({ output: always });
        await document.save();
        await until('an answer', () => editor.titles(document)[0] === isAlways);
    });
});

test('an edit takes away verdicts and marks at once', async () => {
    await onStage({}, async ({ editor, start, file }) => {
        answer({ output: lines(verdict('cet', 'Never', 'Always')) });
        start();
        const document = editor.show(file('a.litmus', text));
        await until('a mark', () => editor.marked(document).length === 1);
        document.edit(`${text}\n`);
        assert.deepEqual(editor.marked(document), []);
        assert.deepEqual(editor.titles(document), []);
    });
});

test('of two checks of one file the first is ended, and the second is shown', async () => {
    await onStage({}, async ({ editor, start, file, calls }) => {
        // The first answers although it was asked to end.
        answer({ output: never, errors: 'too late', milliseconds: 700, stubborn: true });
        start();
        const document = editor.show(file('a.litmus', text));
        await until('a run', () => started(calls()).length === 1);
        answer({ output: always });
        await document.save();
        await until('an answer', () => editor.titles(document)[0] === isAlways);
        await until('the end of the first', () => !lives(started(calls())[0].pid));
        await pause(50);
        assert.deepEqual(editor.titles(document), [isAlways]);
        assert.doesNotMatch(editor.output, /too late/);
    });
});

test('edits that were undone leave a test that is checked', async () => {
    await onStage({}, async ({ editor, start, file }) => {
        answer({ output: never });
        start();
        const document = editor.show(file('a.litmus', text));
        await until('an answer', () => editor.titles(document)[0] === isNever);
        document.edit(`${text}\n`);
        document.edit(text);
        assert.deepEqual(editor.titles(document), []);
        document.clean();
        await until('an answer', () => editor.titles(document)[0] === isNever);
    });
});

test('a file that was read again is checked again', async () => {
    await onStage({}, async ({ editor, start, file }) => {
        answer({ output: never });
        start();
        const document = editor.show(file('a.litmus', text));
        await until('an answer', () => editor.titles(document)[0] === isNever);
        answer({ output: always });
        document.edit(`${text}\n`, { read: true });
        await until('another answer', () => editor.titles(document)[0] === isAlways);
    });
});

test('a run is killed at the time limit, with what it has started, even if it does not want to end', async () => {
    await onStage({ timeLimit: 0.7 }, async ({ editor, start, file, calls }) => {
        answer({ output: never, milliseconds: 60_000, stubborn: true, child: true });
        start();
        const document = editor.show(file('a.litmus', text));
        await until('a mark', () => editor.marked(document).length === 1);
        assert.match(editor.marked(document)[0][4], /stopped after 0\.7 s.*ptero\.timeLimit/);
        const { pid, child } = started(calls())[0];
        assert(child > 0 && !lives(pid));
        await until('the end of the child', () => !lives(child));
    });
});

test('a program that is not there is told once, and the setting is offered', async () => {
    await onStage({ path: 'no-such-ptero' }, async ({ editor, start, file, folder }) => {
        editor.choice = 'Open the setting';
        start();
        const document = editor.show(file('a.litmus', text));
        await until('the setting', () => editor.opened.length === 1);
        await document.save();
        await until('another mark', () => editor.marked(document).length === 1);
        assert.equal(editor.told.length, 1);
        assert.match(editor.told[0], /Ptero was not found: there is no program no-such-ptero\..*ptero\.path/);
        assert.deepEqual(editor.opened, [['workbench.action.openSettings', 'ptero.path']]);
        assert.match(editor.marked(document)[0][4], /no program no-such-ptero, or no folder/);
        // A folder, and a file that is no program.
        for (const path of [folder, file('no-program', 'x')]) {
            editor.settings.path = path;
            editor.events.configuration.fire({ affectsConfiguration: (section) => section === 'ptero' });
            await until('a mark', () => /cannot be started: .*EACCES/.test(editor.marked(document)[0]?.[4]));
        }
    });
});

test('a program in the home folder may be written with ~', async () => {
    await onStage({ path: '~/ptero' }, async ({ editor, start, file, folder }) => {
        const home = process.env.HOME;
        try {
            process.env.HOME = folder;
            chmodSync(file('ptero', `#!/bin/sh\necho '${never.trim()}'\n`), 0o755);
            start();
            const document = editor.show(file('a.litmus', text));
            await until('an answer', () => editor.titles(document)[0] === isNever);
        } finally {
            process.env.HOME = home;
        }
    });
});

test('nothing runs in a workspace that is not trusted, until it is', async () => {
    await onStage({}, async ({ editor, start, file, calls }) => {
        answer({ output: never });
        editor.trusted = false;
        start();
        const document = editor.show(file('a.litmus', text));
        for (const name of ['ptero.check', 'ptero.picture', 'ptero.explore']) await editor.commands.get(name)();
        await document.save();
        await pause(200);
        assert.deepEqual(calls(), []);
        assert.deepEqual(editor.told, Array(3).fill('Ptero runs only in a workspace that you trust.'));
        editor.trusted = true;
        editor.events.trust.fire();
        await until('an answer', () => editor.titles(document)[0] === isNever);
    });
});

test('without automatic checks the command checks, and saves first', async () => {
    await onStage({ checkAutomatically: false }, async ({ editor, start, file, calls }) => {
        answer({ output: never });
        start();
        const document = editor.show(file('a.litmus', text));
        await document.save();
        document.edit('X86_64 a\n');
        await pause(200);
        assert.deepEqual(calls(), []);
        await editor.commands.get('ptero.check')();
        assert.deepEqual(editor.titles(document), [isNever]);
        assert.equal(readFileSync(document.fileName, 'utf8'), 'X86_64 a\n');
    });
});

test('other languages, what is no file, and documents that nobody sees are left alone', async () => {
    await onStage({}, async ({ editor, start, file, calls }) => {
        answer({ output: never });
        start();
        const document = editor.show(file('a.c', text), 'c');
        await document.save();
        document.languageId = 'litmus';
        document.uri.scheme = 'git';
        await document.save();
        document.uri.scheme = 'file';
        editor.shown = [];
        editor.events.open.fire(document);
        await pause(200);
        assert.deepEqual(calls(), []);
        await editor.commands.get('ptero.check')();
        assert.deepEqual(editor.told, ['Open a litmus test that is a file first: Ptero reads files.']);
    });
});

for (const way of ['close', 'deactivate']) {
    test(`what runs is ended: ${way}`, async () => {
        await onStage({}, async ({ editor, extension, start, file, calls }) => {
            answer({ milliseconds: 60_000 });
            start();
            const document = editor.show(file('a.litmus', text));
            await until('a run', () => started(calls()).length === 1);
            if (way === 'close') editor.events.close.fire(document);
            else await extension.deactivate();
            await until('its end', () => !lives(started(calls())[0].pid));
        });
    });
}
