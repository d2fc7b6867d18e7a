// The picture and the explorer of the VS Code extension, and what it is made of.
//
//     node --test Tests/Editors
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { answer, onStage, until } from './stage.mjs';

const text = 'X86_64 a\n{ }\n P0 ;\n nop ;\nexists (true)\n';
const manual = { checkAutomatically: false };

test('the picture is shown, goes with the first edit, and comes again when the test is saved', async () => {
    await onStage({ ...manual, arguments: ['--profile=cet'] }, async ({ editor, start, file, calls }) => {
        answer({ page: '<p>one</p>', status: 1 });
        start();
        const document = editor.show(file('a.litmus', text));
        await editor.commands.get('ptero.picture')();
        const [panel] = editor.panels;
        assert.equal(panel.webview.html, '<p>one</p>');
        assert.equal(panel.title, 'a.litmus');
        const { words } = calls()[0];
        assert.deepEqual([words[0], words[1], ...words.slice(3)], ['check', '--html', '--profile=cet', '--', document.fileName]);
        assert(!existsSync(words[2]));
        assert.equal(statSync(path.dirname(words[2])).mode & 0o77, 0);
        document.edit(`${text}\n`);
        assert.match(panel.webview.html, /The test has changed/);
        answer({ page: '<p>two</p>' });
        await document.save();
        await until('the new picture', () => panel.webview.html === '<p>two</p>');
        assert.equal(editor.panels.length, 1);
    });
});

test('a picture that is late is not shown', async () => {
    await onStage(manual, async ({ editor, start, file, calls }) => {
        answer({ page: '<p>old</p>', milliseconds: 400, stubborn: true });
        start();
        const document = editor.show(file('a.litmus', text));
        const drawn = editor.commands.get('ptero.picture')();
        await until('a run', () => calls().length > 0);
        document.edit(`${text}\n`);
        await drawn;
        assert.match(editor.panels[0].webview.html, /The test has changed/);
    });
});

test('where there is no picture the panel says why, whatever the words are', async () => {
    await onStage(manual, async ({ editor, start, file }) => {
        answer({ status: 2, errors: 'a.litmus:1:1: error: <script>&"x"' });
        start();
        editor.show(file('a.litmus', text));
        await editor.commands.get('ptero.picture')();
        assert.match(editor.panels[0].webview.html, /error: &#60;script&#62;&#38;&#34;x&#34;<\/pre>$/);
        // Closed, and asked for again.
        editor.panels[0].dispose();
        editor.settings.path = 'no-such-ptero';
        await editor.commands.get('ptero.picture')();
        assert.match(editor.panels[1].webview.html, /no program no-such-ptero/);
    });
});

test('the explorer goes to the browser, and is taken away at the end', async () => {
    let page;
    await onStage(manual, async ({ editor, start, file, calls }) => {
        answer({ page: 'x' });
        start();
        const document = editor.show(file('a b.litmus', text));
        await editor.commands.get('ptero.explore')();
        page = editor.opened[0].fsPath;
        assert.deepEqual(calls()[0].words, ['explore', '--output', page, '--', document.fileName]);
        assert.match(page, /-a b\.html$/);
        assert(existsSync(page));
        // Of the arguments those that say how a test is compiled.
        editor.settings.arguments = ['--profile', 'cet', '--kernel-tree', 'a tree', '--cflags=-O1', '--reference'];
        await editor.commands.get('ptero.explore')(document.uri);
        assert.deepEqual(calls()[1].words.slice(3), ['--kernel-tree', 'a tree', '--cflags=-O1', '--', document.fileName]);
        answer({ status: 2, errors: 'ptero: there is no page' });
        await editor.commands.get('ptero.explore')(document.uri);
        assert.deepEqual(editor.told, ['ptero: there is no page']);
        assert.equal(editor.opened.length, 2);
    });
    assert(!existsSync(page));
});

test('package.json names what the extension has', () => {
    const folder = new URL('../../Editors/vscode/', import.meta.url);
    const described = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
    const source = ['extension.js', 'lib/marks.js'].map((name) => readFileSync(new URL(name, folder), 'utf8')).join('');
    for (const { command } of described.contributes.commands) assert(source.includes(`'${command}'`), command);
    const settings = readFileSync(new URL('lib/settings.js', folder), 'utf8');
    for (const name of Object.keys(described.contributes.configuration.properties)) {
        assert(settings.includes(`get('${name.replace('ptero.', '')}')`), name);
    }
    assert(existsSync(new URL(described.main, folder)));
    assert.equal(described.license, 'Apache-2.0');
    assert.deepEqual(described.contributes.problemMatchers.map((matcher) => matcher.name), ['ptero']);
});
