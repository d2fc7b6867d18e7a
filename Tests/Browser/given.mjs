// A page that `ptero explore` wrote: its test is there, on its class of CPUs, and leads to what it asks about.
//
//     node Tests/Browser/given.mjs PAGE.html
import assert from 'node:assert/strict';
import { open } from './driver.mjs';

const browser = await open();
try {
    await browser.load(process.argv[2]);
    const known = 'return document.querySelector("#explorer").dataset.known';
    await browser.until('the start', known);
    assert.match(await browser.run(() => document.querySelector('#source').value), /^X86_64 lock-and\+write\+exposed\n/);
    assert.equal(await browser.run(() => document.querySelector('#profile').selectedOptions[0].textContent), 'cet');
    await browser.press('v');
    await browser.until('a violation', () => document.querySelector('#ending').textContent.startsWith('✕'));
    assert.deepEqual([await browser.console(), await browser.requests()], [[], []]);
    console.log('the page with a test inside leads to its violation');
} finally {
    await browser.close();
}
