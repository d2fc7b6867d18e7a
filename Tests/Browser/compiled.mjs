// A page that `ptero explore` wrote of a test in C: it has the machine code, its steps show the lines that they were made from, it
// leads to what it asks about, and a changed text is told to have no code.
//
//     node Tests/Browser/compiled.mjs PAGE.html FRAGMENT FILE-OF-A-SOURCE-LINE [PICTURE.png]
import assert from 'node:assert/strict';
import { Key, open } from './driver.mjs';

const [page, fragment, sourceFile, picture] = process.argv.slice(2);
const browser = await open();
try {
    await browser.load(page, fragment);
    const known = () => browser.until('what can come', 'return document.querySelector("#explorer").dataset.known');
    await known();
    const sources = await browser.run(() => [...document.querySelectorAll('#choices .source')].map((line) => line.textContent));
    assert.ok(sources.some((line) => line.startsWith(`${sourceFile}:`)), `no step of ${sourceFile}: ${sources.join(' | ')}`);
    // A step takes no longer because the code is large.
    const times = [];
    for (let step = 0; step < 5; step++) {
        times.push(await browser.run(async () => {
            const crumbs = () => document.querySelectorAll('#crumbs li').length;
            const [start, before] = [performance.now(), crumbs()];
            document.querySelector('#choices button').click();
            while (crumbs() === before) await new Promise((resolve) => setTimeout(resolve, 2));
            return performance.now() - start;
        }));
    }
    await browser.press(Key.home);
    await known();
    await browser.press('v');
    await browser.until('a violation', () => document.querySelector('#ending').textContent.startsWith('✕'));
    if (picture) await browser.screenshot(picture);
    const text = await browser.run(() => document.querySelector('#source').value);
    const edit = (value) => browser.run((value) => {
        const field = document.querySelector('#source');
        field.value = value;
        field.dispatchEvent(new Event('input', { bubbles: true }));
    }, value);
    await edit(`${text}\n`);
    await browser.until('the error', () => document.body.dataset.state === 'wrong');
    assert.match(await browser.run(() => document.querySelector('.errors').textContent), /has no compiler/);
    await edit(text);
    await browser.until('the test again', () => document.body.dataset.state === 'ready');
    await known();
    assert.deepEqual([await browser.console(), await browser.requests()], [[], []]);
    console.log(`the page of a compiled test leads to its violation; a step takes ${Math.round(Math.min(...times))} ms`);
} finally {
    await browser.close();
}
