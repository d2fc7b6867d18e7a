// What the VS Code extension shows of an answer of Ptero.
//
//     node --test Tests/Editors
import assert from 'node:assert/strict';
import test from 'node:test';
import { answer, lines, onStage, until, verdict } from './stage.mjs';

const [error, warning, information] = [0, 1, 2];
const text = `X86_64 a
(* Result: Never *)
(* Result lost: Sometimes *)
{
}
 P0  ;
 "😀ä" foo ;
exists (true)
`;

/** Opens the text, and returns what is shown when Ptero has answered. */
async function shownFor(behaviour, content = text, name = 'a.litmus') {
    let result;
    await onStage({}, async ({ editor, start, file }) => {
        answer(behaviour);
        start();
        const document = editor.show(file(name, content));
        await until('an answer', () => editor.titles(document)[0] !== '$(sync~spin) Ptero checks this test');
        const lens = editor.lenses.provideCodeLenses(document)[0];
        result = { marks: editor.marked(document), titles: editor.titles(document), lens, editor, document };
    });
    return result;
}

const fault = (more) => lines({ error: 'input', file: null, line: null, column: null, message: 'wrong', remedy: null, ...more });

test('an error is marked at its word, with its remedy, in columns of UTF-16', async () => {
    let named;
    await onStage({}, async ({ editor, start, file }) => {
        named = file('a.litmus', text);
        // Ptero counts Unicode scalars: the word is the seventh of them.
        answer({ status: 2, output: fault({ file: named, line: 7, column: 7, remedy: 'write nop', notes: ['seen'] }) });
        start();
        const document = editor.show(named);
        await until('a mark', () => editor.marked(document).length > 0);
        assert.deepEqual(editor.marked(document), [[error, 6, 7, 10, 'wrong\nseen\nRemedy: write nop']]);
        assert.equal(text.split('\n')[6].slice(7, 10), 'foo');
        assert.deepEqual(editor.titles(document), []);
    });
});

test('an error without a place, or past the end of a line or the text, is marked all the same', async () => {
    const { marks } = await shownFor({ status: 2, output: fault({}) });
    assert.deepEqual(marks, [[error, 0, 0, 8, 'wrong']]);
    await onStage({}, async ({ editor, start, file }) => {
        const named = file('a.litmus', text);
        answer({ output: fault({ file: named, line: 6, column: 99 }) + fault({ file: named, line: 999, column: 1 }) });
        start();
        const document = editor.show(named);
        await until('two marks', () => editor.marked(document).length === 2);
        assert.deepEqual(editor.marked(document).map((mark) => mark.slice(0, 4)), [[error, 5, 5, 6], [error, 8, 0, 0]]);
    });
});

test('an error in a header is marked at the name, with a link to its place', async () => {
    const { marks, editor, document } = await shownFor({ status: 2, output: fault({ file: 'sub/x.h', line: 3, column: 4 }) });
    assert.deepEqual(marks, [[error, 0, 0, 8, 'sub/x.h: wrong']]);
    const [{ location }] = editor.marks.get(document.uri.toString())[0].relatedInformation;
    assert.match(location.uri.fsPath, /sub\/x\.h$/);
    assert.deepEqual({ ...location.position }, { line: 2, character: 3 });
});

test('verdicts are above the name, those that are not expected first, and marked at what is expected', async () => {
    const { marks, titles, lens } = await shownFor({ status: 1, output: lines(
        verdict('strict', 'Never', 'Never', { empty: [{ kind: 'constant', text: 'says little' }] }),
        verdict('cet', 'Sometimes', 'Never'), verdict('late', 'Sometimes', 'Never'),
        verdict('knl', 'Inconclusive', 'Never', { asExpected: false, reason: 'too many states' }), verdict('book', 'Always')) });
    assert.deepEqual(titles, ['$(error) Sometimes on cet late, not Never', '$(question) Inconclusive on knl',
        '$(pass) Never on strict*', '$(circle-outline) Always on book']);
    assert.deepEqual({ ...lens.range.start }, { line: 0, character: 0 });
    assert.equal(lens.command.command, 'ptero.picture');
    assert.deepEqual(marks, [[warning, 1, 0, 19, 'Sometimes on cet late, not Never'],
        [warning, 1, 0, 19, 'Inconclusive on knl\nknl: too many states']]);
});

test('of several conditions each is told by its name, and marked at its own comment', async () => {
    const { marks, titles } = await shownFor({ status: 1, output: lines(
        verdict('cet', 'Never', 'Sometimes', { test: 'a:lost' }), verdict('cet', 'Never', 'Never', { test: 'a:kept' })) });
    assert.deepEqual(titles, ['$(error) lost: Never on cet, not Sometimes', '$(pass) kept: Never on cet']);
    assert.deepEqual(marks, [[warning, 2, 0, 28, 'lost: Never on cet, not Sometimes']]);
});

test('a test that is named like its file, and has nothing expected, is marked at its name', async () => {
    const { marks, titles } = await shownFor({ status: 1, output: lines(verdict('cet', 'Never', 'Always', { test: 'b:lost' })) },
        '(* a comment of words *)\nX86_64 --\n{ }\n', 'b.litmus');
    assert.deepEqual(titles, ['$(error) lost: Never on cet, not Always']);
    assert.deepEqual(marks, [[warning, 1, 0, 9, 'lost: Never on cet, not Always']]);
});

test('a header line that may be a slip is marked once', async () => {
    const slip = { warnings: [{ line: 3, message: 'a slip?', remedy: 'or not' }] };
    const { marks } = await shownFor({ output: lines(verdict('cet', 'Never', null, slip), verdict('knl', 'Never', null, slip)) });
    assert.deepEqual(marks, [[information, 2, 0, 28, 'a slip?\nRemedy: or not']]);
});

const noAnswers = {
    text: 'test  cet\na  Never\n', nothing: '', half: lines(verdict('cet', 'Never')).slice(0, 40), numbers: '1\n', null: 'null\n',
    'another version': '{"schema": 2, "observation": "Never", "profile": "cet"}\n',
    'no version': '{"observation": "Never", "profile": "cet"}\n',
};
for (const [name, output] of Object.entries(noAnswers)) {
    test(`what is no answer is told as such: ${name}`, async () => {
        const { marks, titles, editor } = await shownFor({ status: 70, output, errors: 'ptero: a defect\nmore\n' });
        assert.deepEqual(titles, []);
        assert.equal(marks.length, 1);
        assert.deepEqual(marks[0].slice(0, 4), [warning, 0, 0, 8]);
        assert.match(marks[0][4], /gave no answer that can be read \(exit status 70\): ptero: a defect\. The output "Ptero" has more/);
        assert.match(editor.output, /\nptero: a defect\nmore\n$/);
    });
}

test('a real Ptero is understood', { skip: !process.env.PTERO && 'PTERO names no program' }, async () => {
    const settings = { path: process.env.PTERO, arguments: ['--profile=cet,late'] };
    await onStage(settings, async ({ editor, start, file }) => {
        start();
        const document = editor.show(file('a.litmus', 'X86_64 a\n(* Result: Never *)\n{\n  [PTE(x)] = (oa:PA(x), rw:1, d:0);\n}\n' +
            ' P0 ;\n movl $1,(x) ;\nexists (written(x))\n'));
        await until('a verdict', () => editor.titles(document)[0] === '$(error) Always on cet late, not Never');
        assert.deepEqual(editor.marked(document), [[warning, 1, 0, 19, 'Always on cet late, not Never']]);
        await editor.commands.get('ptero.picture')();
        assert.match(editor.panels[0].webview.html, /^<!DOCTYPE html>[^]*<svg/);
        document.edit(document.getText().replace('movl', 'mvl'));
        await document.save();
        await until('an error', () => editor.marked(document)[0]?.[0] === error);
        assert.deepEqual(editor.marked(document), [[error, 6, 1, 4, 'unknown instruction "mvl"\nRemedy: did you mean movl?']]);
    });
});
