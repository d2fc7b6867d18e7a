// Every test of the corpus: what the engine of the page prints equals, byte for byte, what the native tool prints; and how long
// both take.
//
//     node Tests/Browser/equality.mjs PTERO [--page PAGE.html] [FOLDER...]
//     node Tests/Browser/equality.mjs PTERO --compiled PAGE.html FILE... [-- OPTION...]
//
// With --compiled, tests in C and Swift, as `ptero explore` puts them into a page, compiled with these options; without, they are
// passed over.
// The engine runs under node, and, where a page is named and Chromium is here, in the worker of that page as well.
// Fails where a text differs, and where the engine takes more than ten times as long as the native tool and more than a tenth of a second.
// The native time has the start of the process in it, that of WebAssembly what the engine compiles on the way.
import { spawnSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Engine } from '../../Web/Page/engine.mjs';
import { missing, open } from './driver.mjs';

// Node 18 does not have it where browsers have it.
globalThis.crypto ??= webcrypto;
const [ptero, ...folders] = process.argv.slice(2);
const dashes = folders.indexOf('--');
const options = dashes < 0 ? [] : folders.splice(dashes).slice(1);
const taken = (name) => {
    const at = folders.indexOf(name);
    return at < 0 ? undefined : folders.splice(at, 2)[1];
};
const page = taken('--page');
const empty = taken('--compiled');
if (!ptero) {
    console.error('usage: equality.mjs PTERO [--page PAGE.html | --compiled PAGE.html] [FOLDER...] [-- OPTION...]');
    process.exit(2);
}

/** The tests below a folder, sorted; kernel:NAME is a test by itself. */
function tests(folder) {
    if (folder.startsWith('kernel:')) return [folder];
    if (!statSync(folder).isDirectory()) return [folder];
    return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.litmus')).sort().map((name) => path.join(folder, name));
}

/** The text of a test and what a compiler made of it, as `ptero explore` gives both to a page. */
function given(file) {
    const output = '.build/web/compiled.html';
    const made = spawnSync(ptero, ['explore', file, '--page', empty, '--output', output, ...options], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`ptero explore ${file}: ${made.stderr}`);
    const { text, code } = JSON.parse(/id="given">(.*)<\/script>/.exec(readFileSync(output, 'utf8'))[1]);
    return [Buffer.from(text), Buffer.from(code, 'base64')];
}

/** What can differ from run to run. */
const timeless = (text) => text.replace(/( in )[0-9.]+ s$/gm, '$1TIME s');

const bytes = readFileSync('.build/web/ptero.wasm');
const files = (folders.length ? folders : ['Corpus']).flatMap(tests);
let [equal, skipped, nativeTime, engineTime, codeBytes, worst] = [0, 0, 0, 0, 0, { ratio: 0 }];
const faults = [];
/** What the native tool prints, by file. */
const wanted = new Map();
let engine = await Engine.start(bytes);
// What the first test takes longer is not the test's.
if (!empty) {
    engine.load(files[0], readFileSync(files[0]));
    while (!engine.checkNext(0).done);
    engine.report();
}
for (const file of files) {
    const [text, code] = empty ? given(file) : [readFileSync(file), ''];
    if (!empty && (/^(C\s|\/\* Swift )/.test(text.toString('utf8', 0, 100).replace(/^(\(\*[\s\S]*?\*\)|\s)*/, '')) || text.includes('??'))) {
        skipped++;
        continue;
    }
    codeBytes += code.length;
    let start = performance.now();
    const native = spawnSync(ptero, ['check', '--jobs', '1', file, ...options], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', COLUMNS: '' }, maxBuffer: 1 << 28 });
    const nativeSeconds = (performance.now() - start) / 1000;
    if (native.error) throw native.error;
    wanted.set(file, { text: text.toString(), printed: timeless(native.stdout) });
    start = performance.now();
    let printed = '';
    let errors = '';
    try {
        const answer = engine.load(file, text, code);
        errors = [...answer.warnings, ...answer.errors].map((fault) => `${fault.text}\n`).join('');
        if (!answer.errors.length) {
            for (let next = {}; !next.done;) {
                next = engine.checkNext(0);
                errors += (next.errors ?? []).map((fault) => `${fault.text}\n`).join('');
            }
            printed = engine.report();
        }
    } catch (error) {
        printed = `the engine came to its end: ${error.message}`;
        engine = await Engine.start(bytes);
    }
    const engineSeconds = (performance.now() - start) / 1000;
    nativeTime += nativeSeconds;
    engineTime += engineSeconds;
    const ratio = engineSeconds / nativeSeconds;
    if (ratio > worst.ratio) worst = { ratio, file, nativeSeconds, engineSeconds };
    if (timeless(printed) !== timeless(native.stdout)) faults.push(`${file}: the engine prints\n${printed}\nnot\n${native.stdout}`);
    else if (errors !== native.stderr) faults.push(`${file}: the engine tells\n${errors}\nnot\n${native.stderr}`);
    else if (ratio > 10 && engineSeconds > 0.1) faults.push(`${file}: ${engineSeconds.toFixed(2)} s, and ${nativeSeconds.toFixed(2)} s natively`);
    else equal++;
}
if (page && !missing()) {
    const browser = await open();
    const start = performance.now();
    let same = 0;
    try {
        await browser.load(page);
        await browser.run('return unpacked(packed("wasm")).then((bytes) => { window.equal = new Client(packed("worker-script"), bytes); })');
        for (const [file, { text, printed }] of wanted) {
            const shown = await browser.run(`
                const test = { key: arguments[0], file: arguments[0], text: arguments[1] };
                const ask = (call, ...args) => window.equal.ask(test, null, call, ...args);
                return (async () => {
                    if ((await ask('load')).errors.length) return '';
                    while (!(await ask('checkNext', 0)).done);
                    return ask('report');
                })();`, file, text);
            if (timeless(shown) === printed) same++;
            else faults.push(`${file}: in Chromium the engine prints\n${shown}\nnot\n${printed}`);
        }
    } finally {
        await browser.close();
    }
    console.log(`Chromium: ${same} of ${wanted.size} tests, in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
for (const fault of faults.slice(0, 10)) console.error(fault);
console.log(`${equal} of ${files.length - skipped} tests: the same bytes; `
    + (empty ? `${Math.round(codeBytes / 1024)} KB of machine code` : `${skipped} in C or Swift, or with holes`));
console.log(`native ${nativeTime.toFixed(1)} s, WebAssembly ${engineTime.toFixed(1)} s; at most ${worst.ratio.toFixed(1)} times as long: `
    + `${worst.file}, ${worst.engineSeconds.toFixed(2)} s for ${worst.nativeSeconds.toFixed(2)} s`);
process.exitCode = faults.length ? 1 : 0;
