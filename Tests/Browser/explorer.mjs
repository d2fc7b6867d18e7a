// The explorer in Chromium, as a person uses it: by clicks, keys and links.
//
//     node Tests/Browser/explorer.mjs [PAGE.html] [--pictures FOLDER]
//
// With --pictures it leaves screenshots there, for eyes.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { Key, missing, open } from './driver.mjs';

const options = process.argv.slice(2);
const at = options.indexOf('--pictures');
const pictures = at < 0 ? undefined : options.splice(at, 2)[1];
const page = path.resolve(options[0] ?? '.build/web/ptero.html');
if (pictures) mkdirSync(pictures, { recursive: true });
if (missing()) {
    console.error(missing());
    process.exit(2);
}

const browser = await open({ width: 1400, height: 1000 });
const scratch = mkdtempSync(path.join(os.tmpdir(), 'ptero-'));
const picture = async (name) => { if (pictures) await browser.screenshot(path.join(pictures, `${name}.png`)); };

// What a person looks at.
const state = () => browser.run(() => ({
    steps: document.querySelectorAll('#crumbs button').length - 1,
    now: document.querySelector('#crumbs [aria-current]')?.textContent,
    undone: document.querySelectorAll('#crumbs .ghost').length,
    ending: document.querySelector('#ending').hidden ? '' : document.querySelector('#ending').textContent,
    profile: document.querySelector('#profile').selectedOptions[0]?.textContent,
    notice: document.querySelector('#notice').hidden ? '' : document.querySelector('#notice').textContent,
    drawn: document.querySelector('#picture-light').shadowRoot?.querySelector('svg > title')?.textContent,
    hash: location.hash,
}));
/** Waits until the run is at so many steps, and all that can come of it is known. */
const settled = (steps) => browser.until(`${steps ?? 'some'} steps, and their fates known`, `
    const shown = document.querySelectorAll('#crumbs button').length - 1;
    return document.body.dataset.state === 'ready' && (arguments[0] === null || shown === arguments[0])
        && document.querySelector('#explorer').dataset.known !== undefined
        && document.body.dataset.linking === undefined`, 60_000, steps ?? null);
const load = async (fragment = '', file = page) => {
    // Another document, even where only the fragment differs.
    await browser.load('about:blank');
    await browser.load(file, fragment);
};
const clean = async () => {
    assert.deepEqual(await browser.console(), [], 'the console');
    assert.deepEqual(await browser.requests(), [], 'requests');
};
const fragment = (text, rest = '') => `s=${deflateRawSync(text).toString('base64url')}${rest}`;
const replace = (from, to) => browser.run(`
    const field = document.querySelector('#source');
    field.value = field.value.replace(arguments[0], arguments[1]);
    field.dispatchEvent(new Event('input'));`, from, to);

const tests = {
    async 'opens from disk, without a request or an error'() {
        await load();
        await settled(0);
        assert.equal((await state()).profile, 'late');
        assert.match(await browser.text('#outlook'), /^2 final states still reachable from here, 1 with \(lost_dirty\(x\)\)/);
        assert.match(await browser.text('#way'), /Shortest way to a violation from here: 9 steps/);
        await picture('start');
    },

    async 'from the start to a violation by clicks alone'() {
        let steps = 0;
        for (; steps < 40; steps++) {
            await settled(steps);
            if ((await state()).ending.includes('✕')) break;
            const next = await browser.run(() => {
                const all = [...document.querySelectorAll('#choices > ul .choice')];
                const good = all.find((choice) => /can still go wrong|goes wrong for sure/.test(choice.textContent));
                if (good) good.id = 'taken';
                return Boolean(good);
            });
            assert.ok(next, `a step that can still go wrong after ${steps}`);
            await browser.click('#taken');
        }
        const end = await state();
        assert.match(end.ending, /✕.*the write is lost/);
        assert.ok(steps >= 9, `${steps} steps`);
        assert.match(end.drawn, /two-step\+write\+lost-dirty on late.*the write is lost/);
        await picture('violation-by-clicks');
    },

    async 'v goes where it said; undo and redo are inverse'() {
        await browser.press(Key.home);
        await settled(0);
        await browser.press('v');
        await settled(9);
        const end = await state();
        assert.match(end.ending, /✕/);
        assert.match(end.drawn, /the write is lost/);
        await picture('violation');
        for (let steps = 8; steps >= 0; steps--) {
            await browser.press(steps % 2 ? 'u' : Key.left);
            await settled(steps);
        }
        assert.equal((await state()).undone, 9);
        await picture('undone');
        for (let steps = 1; steps <= 9; steps++) {
            await browser.press(steps % 2 ? 'r' : Key.right);
            await settled(steps);
        }
        assert.deepEqual(await state(), end);
        await browser.click('#crumbs li:nth-child(5) button');
        await settled(4);
        assert.match((await state()).now, /^4 /);
        await browser.click('#redo');
        await settled(5);
    },

    async 'the address is the run'() {
        const before = await state();
        assert.match(before.hash, /^#t=wrprotect\/two-step\+write\+lost-dirty&p=late&w=[0-9a-z]{5}$/);
        await browser.reload();
        await settled(5);
        assert.deepEqual(await state(), { ...before, undone: 0 });
        // Somebody pastes another link into the same window.
        await browser.run("location.hash = '#t=wrprotect/lock-and%2Bwrite%2Bexposed&p=cet&w=0'");
        await settled(1);
        assert.equal((await state()).profile, 'cet');
    },

    async 'what a step would do, its key, and the fates that the checker knows'() {
        await load('t=two-step+write+lost-dirty&p=late');
        await settled(0);
        const spoken = await browser.spoken('#choices .choice');
        assert.equal(spoken.role, 'button');
        assert.match(spoken.name, /^1 lock andb \$-3,\(%rdi\).*PTE\(x\) P-UA--.*cannot go wrong any more/);
        assert.equal(await browser.run(() => document.querySelector('#choices details').open), false);
        await browser.press('1');
        await settled(1);
        assert.match(await browser.text('#way'), /none/);
        assert.equal(await browser.run(() => document.querySelector('#way').disabled), true);
        await browser.press(Key.down, Key.enter);
        await settled(2);
        assert.match(await browser.run(() => document.querySelector('#announcement').textContent), /^Step 2: P/);
        // Keys belong to the field where somebody types.
        await browser.run(() => document.querySelector('#source').focus());
        await browser.press('u');
        assert.equal((await state()).steps, 2);
        await replace('u', '');
    },

    async 'another class of CPUs; check on all'() {
        await load('t=two-step+write+lost-dirty&p=late');
        await settled(0);
        await browser.click('#check');
        await browser.until('verdicts', () => !document.querySelector('#check-text').hidden);
        const rows = await browser.run(() => [...document.querySelectorAll('#verdict-table tbody tr')].map((row) => row.textContent));
        assert.deepEqual(rows, ['cetNever', 'strictNever', '▸ late✕ Sometimesshow a run', 'knl✕ Sometimesshow a run', 'shadowedNever', 'book✕ Sometimesshow a run']);
        await browser.run(() => { document.querySelector('#check-text').open = true; });
        assert.match(await browser.text('#check-text pre'), /ptero replay Corpus\/wrprotect\/two-step\+write\+lost-dirty.litmus --profile late --witness/);
        await picture('checked');
        await browser.click('#verdict-table tbody tr:nth-child(1) th button');
        await settled(0);
        assert.equal((await state()).profile, 'cet');
        assert.match(await browser.text('#outlook'), /0 with/);
        await browser.click('#verdict-table tbody tr:nth-child(6) td:nth-child(3) button');
        await settled(9);
        assert.equal((await state()).profile, 'book');
        assert.match((await state()).ending, /✕/);
    },

    async 'a test is edited into an error, and mended'() {
        await replace('lock andb', 'lock anbd');
        await browser.until('an error', () => document.body.dataset.state === 'wrong');
        assert.match(await browser.text('.errors'), /line 11, column [0-9]+: /);
        assert.equal(await browser.run(() => document.querySelector('pre .fault').textContent.trim().length > 0), true);
        assert.equal(await browser.run(() => document.querySelector('#explorer').hidden), true);
        await picture('error');
        await browser.click('.errors button');
        assert.equal(await browser.run(() => document.activeElement.id), 'source');
        await replace('lock anbd', 'lock andb');
        await settled(0);
        assert.equal(await browser.run(() => document.querySelector('.errors').children.length), 0);
        // It is the person's own test now, and the link has it.
        assert.match((await state()).hash, /^#s=[A-Za-z0-9_-]+&p=book$/);
        await browser.press(Key.escape);
        await browser.run(() => document.activeElement.blur());
        await browser.press('v');
        await settled(9);
        const before = await state();
        await browser.reload();
        await settled(9);
        assert.deepEqual(await state(), before);
    },

    async 'links that are damaged, or do not fit'() {
        const cases = [
            ['t=no-such-test&p=late', /a test that this page does not have: no-such-test/],
            ['t=two-step+write+lost-dirty&p=nonsense', /not for the class nonsense/],
            ['t=two-step+write+lost-dirty&p=late&w=20zz', /stops after 2 of 4 steps: step 3 is not possible/],
            ['t=two-step+write+lost-dirty&p=late&w=2%3Cscript%3E', /damaged/],
            ['s=AAAA-not-deflated', /cut off or damaged/],
            [`${fragment('X86_64 cut').slice(0, -6)}`, /cut off or damaged/],
            [fragment(Buffer.alloc(40 << 20, 32)), /cut off or damaged/],
            ['t=%E0%A4%A', /cannot be read/],
            ['<img src=x onerror=alert(1)>', /means nothing here/],
            ['t=<script>alert(1)</script>', /does not have: <script>alert/],
        ];
        for (const [link, told] of cases) {
            await load(link);
            await settled();
            assert.match((await state()).notice, told, link.slice(0, 80));
        }
        await picture('bad-link');
        await load(fragment('not a test'));
        await browser.until('an error', () => document.body.dataset.state === 'wrong');
    },

    async 'a hostile test is shown, not run'() {
        const hostile = readFileSync('Corpus/wrprotect/lock-and+write+exposed.litmus', 'utf8').replace(/"[^"]*"/, '"</script><script>window.hit=1</script><img src=x onerror=window.hit=1>"')
            .replace('{', `(* </textarea></pre><svg onload=window.hit=1> ${'long '.repeat(2000)} *)\n{`);
        await load(fragment(hostile, '&p=cet'));
        await settled(0);
        await browser.press('v');
        await settled(4);
        assert.equal(await browser.run('return window.hit === undefined'), true);
        assert.equal(await browser.run(() => document.querySelectorAll('img, body > svg').length), 0);
        assert.equal(await browser.overflow(), 0);
        // The same inside a page, as `ptero explore` writes it.
        const given = JSON.stringify({ file: '</script>.litmus', text: hostile, profile: 'cet' }).replaceAll('<', '\\u003c');
        const written = path.join(scratch, 'given.html');
        writeFileSync(written, readFileSync(page, 'utf8').replace('id="given">null<', () => `id="given">${given}<`));
        await load('', written);
        await settled(0);
        assert.equal((await state()).profile, 'cet');
        assert.equal(await browser.run(() => document.querySelector('#source').value), hostile);
        await browser.press('v');
        await settled(4);
        assert.match((await state()).hash, /^#p=cet&w=[0-9a-z]+$/);
        const before = await state();
        await browser.reload();
        await settled(before.steps);
        assert.equal(await browser.run('return window.hit === undefined'), true);
    },

    async 'a long search is stopped, a large test is taken step by step'() {
        const writes = (cpu) => Array.from({ length: 8 }, (_, i) => `movl $${cpu * 10 + i},${'xyz'[(cpu + i) % 3]}`);
        const columns = [0, 1, 2, 3].map(writes);
        const lines = columns[0].map((_, i) => ` ${columns.map((column) => column[i]).join(' | ')} ;`);
        const text = `X86_64 large\n{\n x=0; y=0; z=0;\n}\n P0 | P1 | P2 | P3 ;\n${lines.join('\n')}\nexists (x=1 /\\ y=2 /\\ z=3)\n`;
        await load(fragment(text, '&p=book'));
        await settled(0);
        assert.match(await browser.text('#outlook'), /Not all is known/);
        assert.match(await browser.text('#choices .fate'), /not known/);
        await browser.click('#check');
        await browser.until('a search', () => document.querySelector('#check').textContent === 'Stop');
        const times = [];
        for (let steps = 1; steps <= 6; steps++) {
            const start = Date.now();
            await browser.press('1');
            await browser.until('a step', 'return document.querySelectorAll("#crumbs button").length - 1 === arguments[0]', 30_000, steps);
            times.push(Date.now() - start);
        }
        console.log(`  steps of a large test, driver included: ${times.join(', ')} ms`);
        await browser.click('#check');
        await browser.until('an end', () => document.querySelector('#check-status').textContent === 'Stopped.');
        await picture('large');
    },

    async 'a test of many megabytes'() {
        await load('t=two-step+write+lost-dirty&p=late');
        await settled(0);
        await browser.run(() => {
            const field = document.querySelector('#source');
            field.value = field.value.replace('{', `(* ${'x'.repeat(16 << 20)} *)\n{`);
            field.dispatchEvent(new Event('input'));
        });
        await browser.until('an error', () => document.body.dataset.state === 'wrong', 30_000);
        assert.match(await browser.text('.errors'), /the limit is 16777216/);
    },

    async 'a test that does what nobody knows the meaning of'() {
        await load(fragment('X86_64 nowhere\n{\n 0:rdi = 4096;\n x=0;\n}\n P0 ;\n movl (%rdi),%eax ;\nexists (x=1)\n'));
        await browser.until('a word', () => /test.litmus:7:2: error: P0 accesses 0x1000/.test(document.querySelector('#notice').textContent));
        assert.equal(await browser.run(() => document.querySelector('#explorer').hidden && document.querySelector('#run').hidden), true);
        await browser.click('#check');
        await browser.until('the same', () => /P0 accesses 0x1000/.test(document.querySelector('#check-status').textContent));
    },

    async 'from a static host, too; and a browser that is too old is told'() {
        const server = createServer((request, response) => {
            response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html' });
            response.end(request.url === '/' ? readFileSync(page) : '');
        });
        await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
        try {
            await load('t=two-step+write+lost-dirty&p=late&w=2', `http://127.0.0.1:${server.address().port}/`);
            await settled(1);
            await clean();
        } finally {
            await load('', 'about:blank');
            server.closeAllConnections?.();
            server.close();
        }
        const { identifier } = await browser.devtools('Page.addScriptToEvaluateOnNewDocument', { source: 'delete window.WebAssembly' });
        await load();
        await browser.until('a word', () => /no WebAssembly/.test(document.querySelector('#notice').textContent));
        await browser.devtools('Page.removeScriptToEvaluateOnNewDocument', { identifier });
    },

    async 'several conditions, and CPUs of different classes'() {
        const text = readFileSync('Corpus/wrprotect/lock-and+write+exposed.litmus', 'utf8').replace(/^Sequence.*\nFailure.*\n/m, '').replace(/^\(\* Result.*\n/m, '')
            .replace('{', 'CPU=P0:cet P1:late\n{').replace(/^exists.*$/m, 'exists lost: (lost_dirty(x))\nexists exposed: (shadow_stack_exposed(x))');
        await load(fragment(text, '&c=1'));
        await settled(0);
        assert.equal((await state()).profile, 'P0:cet P1:late');
        assert.equal(await browser.run(() => document.querySelector('#question').selectedOptions[0].textContent), 'lock-and+write+exposed:exposed');
        assert.match((await state()).hash, /&c=1&p=P0:cet%20P1:late$/);
    },

    async 'no sideways scrolling at any width, light and dark'() {
        for (const dark of [false, true]) {
            await browser.emulate({ dark });
            for (const width of [1400, 800, 400, 320]) {
                await browser.size(width, 900);
                await load('t=two-step+write+lost-dirty&p=late&w=200022002');
                await settled(9);
                assert.equal(await browser.run(() => document.documentElement.dataset.theme), dark ? 'dark' : 'light');
                assert.equal(await browser.overflow(), 0, `${width} px`);
                await picture(`${width}-${dark ? 'dark' : 'light'}`);
                await browser.press('u', 'u', 'u');
                await settled(6);
                assert.equal(await browser.overflow(), 0, `${width} px, with choices`);
            }
        }
        await picture('320-dark-choices');
        await browser.size(1400, 1000);
        await browser.click('#theme');
        assert.equal(await browser.run(() => document.documentElement.dataset.theme), 'light');
    },

    async 'on paper: light, the run and its test, no buttons'() {
        await browser.emulate({ dark: true, print: true });
        await load('t=two-step+write+lost-dirty&p=late&w=200022002');
        await settled(9);
        const shown = await browser.run(() => ['#undo', '#choices', '#check', '#picture-dark'].filter((one) => document.querySelector(one).offsetParent));
        assert.deepEqual(shown, []);
        assert.equal(await browser.run(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
        assert.ok(await browser.run(() => document.querySelector('#picture-light').offsetHeight) > 300);
        await picture('print');
        const pdf = await browser.print(pictures && path.join(pictures, 'print.pdf'));
        assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
        await browser.emulate();
    },

    async 'everything has a name, and texts stand out'() {
        await browser.emulate({ stillness: true });
        await load('t=two-step+write+lost-dirty&p=late&w=2');
        await settled(1);
        const nameless = await browser.run(() => [...document.querySelectorAll('button, select, textarea, input')]
            .filter((one) => one.offsetParent && !(one.textContent.trim() || one.getAttribute('aria-label') || one.labels?.length)).map((one) => one.outerHTML.slice(0, 80)));
        assert.deepEqual(nameless, []);
        for (const theme of ['light', 'dark']) {
            const faint = await browser.run((theme) => {
                document.documentElement.dataset.theme = theme;
                const number = (text) => text.match(/[0-9.]+/g).map(Number);
                const light = ([r, g, b]) => [r, g, b].map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
                const ground = (one) => {
                    for (let now = one; now; now = now.parentElement) {
                        const colour = number(getComputedStyle(now).backgroundColor);
                        if (colour.length < 4 || colour[3] > 0.99) return colour;
                    }
                    return [255, 255, 255];
                };
                return [...document.querySelectorAll('body *')].filter((one) => one.offsetParent && !one.disabled && one.tagName !== 'TEXTAREA'
                    && !one.closest('button:disabled') && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())).map((one) => {
                    const [a, b] = [light(number(getComputedStyle(one).color)), light(ground(one))];
                    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), `${one.className} ${one.textContent.slice(0, 30)}`];
                }).filter(([contrast]) => contrast < 4.5);
            }, theme);
            assert.deepEqual(faint, [], theme);
        }
    },
};

let failed = 0;
try {
    for (const [name, test] of Object.entries(tests)) {
        const start = Date.now();
        try {
            await test();
            await clean();
            console.log(`ok ${name} (${Date.now() - start} ms)`);
        } catch (error) {
            failed++;
            console.error(`FAILED ${name}: ${error.message}`);
            await picture(`failed-${failed}`);
            await browser.console();
            await browser.requests();
        }
    }
} finally {
    await browser.close();
    rmSync(scratch, { recursive: true, force: true });
}
console.log(failed ? `${failed} failed` : `${Object.keys(tests).length} tests of the explorer pass`);
process.exitCode = failed ? 1 : 0;
