// Pages of each kind of the site, from a plain static server below a path: they show what they are for, in light and dark and on a
// narrow screen, ask no other host for anything, and do not scroll sideways.
//
//     node Tests/Browser/site.mjs SITE BASE [--pictures FOLDER]
import assert from 'node:assert/strict';
import { createReadStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { missing, open } from './driver.mjs';

const [site, base] = process.argv.slice(2);
const asked = process.argv.indexOf('--pictures');
const pictures = asked > 0 ? process.argv[asked + 1] : undefined;
if (pictures) mkdirSync(pictures, { recursive: true });
if (missing()) {
    console.log(`skipped: ${missing()}`);
    process.exit();
}

const types = { html: 'text/html', css: 'text/css', js: 'text/javascript', json: 'application/json', svg: 'image/svg+xml', ico: 'image/x-icon' };

/** What any static host does: files, and index.html of folders. */
const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url, 'http://host').pathname);
    let file = asked.startsWith(`${base}/`) ? path.join(site, asked.slice(base.length)) : '';
    if (file && existsSync(file) && statSync(file).isDirectory()) file = path.join(file, 'index.html');
    if (!file || !existsSync(file)) {
        response.writeHead(404).end();
        return;
    }
    response.writeHead(200, { 'content-type': types[path.extname(file).slice(1)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `http://127.0.0.1:${server.address().port}`;

// A page, and what is on it once it shows what it is for.
const pages = [
    ['', 'h1', /on every CPU/],
    ['README.html', 'h1', /^Ptero$/],
    ['Documentation/machine.html', '#profiles', /Profiles/],
    ['Corpus/index.html', 'tbody', /wrprotect/],
    ['Corpus/wrprotect/index.html', 'tbody', /lock-and\+write\+exposed/],
    ['Corpus/wrprotect/lock-and+write+exposed.litmus.html', '.frame svg', /P0/],
    ['Corpus/kernel/sources/gup_fast.litmus.html', '.note', /kernel's sources/],
    ['api/documentation/', 'main h1', /ptero/],
    ['api/documentation/addressspace/', 'main h1', /AddressSpace/],
    ['api/documentation/addressspace/addressspace/', 'main h1', /AddressSpace/],
];
if (existsSync(path.join(site, 'playground.html'))) {
    pages.push(['playground.html#t=wrprotect/lock-and+write+exposed&p=cet', '#choices', /P0/]);
}

const browser = await open();
try {
    for (const [page, selector, expected] of pages) {
        const name = page.replace(/[#&].*/, '').replaceAll('/', '-') || 'front';
        for (const [width, dark] of [[1400, false], [800, true], [400, false]]) {
            const kind = `${page} at ${width} pixels, ${dark ? 'dark' : 'light'}`;
            await browser.size(width);
            await browser.emulate({ dark });
            await browser.load('about:blank');
            await browser.console();
            await browser.requests();
            await browser.load(`${host}${base}/${page}`);
            const text = await browser.until(`${selector} in ${kind}`,
                (selector, expected) => {
                    const text = document.querySelector(selector)?.textContent ?? '';
                    return new RegExp(expected).test(text) && text;
                }, 30_000, selector, expected.source);
            assert.match(text, expected, kind);
            const others = (await browser.requests()).filter((address) => !address.startsWith(`${host}${base}/`));
            assert.deepEqual(others, [], `${kind} asks other places`);
            assert.deepEqual((await browser.console()).filter((line) => /^(SEVERE|WARNING)/.test(line)), [], kind);
            assert.equal(await browser.overflow(), 0, `${kind} scrolls sideways`);
            const [red, green, blue] = (await browser.run(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g).map(Number);
            assert.equal(red + green + blue < 384, dark, `${kind}: the background is ${red}, ${green}, ${blue}`);
            if (pictures) await browser.screenshot(path.join(pictures, `${name}-${width}.png`), { whole: false });
        }
    }
    // The way back from the renderer's pages, and the choice of dark that goes from page to page.
    await browser.size(1400);
    await browser.load(`${host}${base}/api/documentation/addressspace/`);
    await browser.until('the bar of the site', () => document.querySelector('custom-header')?.shadowRoot?.querySelector('.home'));
    await browser.run(() => document.querySelector('custom-header').shadowRoot.querySelector('.home').click());
    await browser.until('the front page', () => document.querySelector('body.front #theme'));
    await browser.click('#theme');
    await browser.load(`${host}${base}/README.html`);
    assert.equal(await browser.run(() => document.documentElement.dataset.theme), 'dark');
    console.log(`${pages.length} pages in Chromium, each at three widths`);
} finally {
    await browser.close();
    server.close();
}
