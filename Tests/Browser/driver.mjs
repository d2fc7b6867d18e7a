// A small client of the W3C WebDriver protocol: starts Debian's chromedriver, and drives one window of Chromium without a
// screen. Needs node from 18 on (fetch), and nothing of npm.
//
//     import { open } from './driver.mjs';
//     const browser = await open();
//     await browser.load('page.html');
//     await browser.click('#next');
//     await browser.close();
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Code points by which WebDriver names keys that write no letter. */
export const Key = {
    enter: '\uE007', tab: '\uE004', escape: '\uE00C', space: ' ', backspace: '\uE003', delete: '\uE017',
    home: '\uE011', end: '\uE010', left: '\uE012', up: '\uE013', right: '\uE014', down: '\uE015',
    shift: '\uE008', control: '\uE009', alt: '\uE00A',
};

const elementKey = 'element-6066-11e4-a52e-4f735466cecf';

/** Where a program of the PATH (or the one that VARIABLE names) is; undefined where there is none. */
export function program(names, variable) {
    const asked = process.env[variable];
    if (asked) return asked;
    for (const folder of (process.env.PATH ?? '').split(':')) {
        for (const name of names) {
            const candidate = path.join(folder, name);
            try {
                accessSync(candidate, constants.X_OK);
                return candidate;
            } catch { /* The next one. */ }
        }
    }
    return undefined;
}

/** What is missing for a browser test, as a sentence; undefined where nothing is. */
export function missing() {
    if (!program(['chromedriver'], 'CHROMEDRIVER')) return 'chromedriver is missing (Debian: chromium-driver)';
    if (!program(['chromium', 'chromium-browser', 'google-chrome'], 'CHROMIUM')) return 'chromium is missing (Debian: chromium)';
    return undefined;
}

/** Starts chromedriver and opens a window. Options: width, height, dark, arguments (further ones for Chromium). */
export async function open(options = {}) {
    const lacks = missing();
    if (lacks) throw new Error(lacks);
    const port = await freePort();
    const driver = spawn(program(['chromedriver'], 'CHROMEDRIVER'), [`--port=${port}`], { stdio: ['ignore', 'pipe', 'pipe'] });
    const written = [];
    driver.stdout.on('data', (text) => written.push(text));
    driver.stderr.on('data', (text) => written.push(text));
    const kill = () => driver.kill();
    process.on('exit', kill);
    const browser = new Browser(`http://127.0.0.1:${port}`, () => {
        process.off('exit', kill);
        driver.kill();
    });
    try {
        await browser.start(options, () => driver.exitCode !== null);
        return browser;
    } catch (error) {
        kill();
        throw new Error(`no window of Chromium: ${error.message}\n${written.join('')}`);
    }
}

/** A port of this machine that nobody listens on. */
function freePort() {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.on('error', reject);
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

/** Waits. */
export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

class Browser {
    constructor(server, stop) {
        this.server = server;
        this.stop = stop;
        this.session = '';
    }

    async start(options, ended) {
        const deadline = Date.now() + 20_000;
        for (;;) {
            if (ended()) throw new Error('chromedriver ended');
            try {
                if ((await this.command('GET', '/status')).ready) break;
            } catch { /* Not yet. */ }
            if (Date.now() > deadline) throw new Error('chromedriver does not answer');
            await pause(50);
        }
        const { width = 1400, height = 1000 } = options;
        const switches = ['--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
            '--no-first-run', '--disable-extensions', '--disable-background-networking',
            `--window-size=${width},${height}`, ...(options.arguments ?? [])];
        if (process.getuid?.() === 0) switches.push('--no-sandbox');
        const answer = await this.command('POST', '/session', { capabilities: { alwaysMatch: {
            browserName: 'chrome',
            'goog:chromeOptions': { binary: program(['chromium', 'chromium-browser', 'google-chrome'], 'CHROMIUM'), args: switches },
            'goog:loggingPrefs': { browser: 'ALL', performance: 'ALL' },
            timeouts: { script: 120_000, pageLoad: 60_000 },
        } } });
        this.session = `/session/${answer.sessionId}`;
        await this.size(width, height);
        if (options.dark !== undefined) await this.emulate({ dark: options.dark });
    }

    /** One command of the protocol; its value, or an error that tells what the driver said. */
    async command(method, where, body) {
        const response = await fetch(this.server + where, {
            method,
            headers: { 'content-type': 'application/json' },
            body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined,
        });
        const { value } = await response.json();
        if (!response.ok) {
            const shown = where.replace(this.session || '\0', '');
            throw new Error(`${method} ${shown}: ${value?.error}: ${String(value?.message).split('\n')[0]}`);
        }
        return value;
    }

    get(where) { return this.command('GET', this.session + where); }
    post(where, body) { return this.command('POST', this.session + where, body); }

    /** A command of Chromium's own protocol. */
    devtools(cmd, params = {}) { return this.post('/goog/cdp/execute', { cmd, params }); }

    /** Opens a file of this machine (its path, a fragment may follow) or an address. */
    async load(file, fragment = '') {
        const address = /^[a-z]+:/.test(file) ? file : pathToFileURL(path.resolve(file)).href;
        await this.post('/url', { url: address + (fragment ? `#${fragment}` : '') });
    }

    async reload() { await this.post('/refresh'); }
    address() { return this.get('/url'); }

    /** Makes the page (not the window with its frame) this large. */
    async size(width, height = 1000) {
        await this.devtools('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    }

    /** What media queries see: dark or light, print or screen, less motion, forced colours. */
    async emulate({ dark = false, print = false, stillness = false, forced = false } = {}) {
        await this.devtools('Emulation.setEmulatedMedia', { media: print ? 'print' : 'screen', features: [
            { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' },
            { name: 'prefers-reduced-motion', value: stillness ? 'reduce' : 'no-preference' },
            { name: 'forced-colors', value: forced ? 'active' : 'none' },
        ] });
    }

    /** Scripts of the page run, or do not, from the next load on. */
    async scripts(run) { await this.devtools('Emulation.setScriptExecutionDisabled', { value: !run }); }

    /** Runs the body of a function in the page; a promise that it returns is waited for. */
    run(body, ...args) {
        if (typeof body === 'function') body = `return (${body}).apply(null, arguments)`;
        return this.post('/execute/sync', { script: body, args });
    }

    /** Waits until a script says true (or anything like it); returns what it said. */
    async until(what, body, milliseconds = 30_000, ...args) {
        const deadline = Date.now() + milliseconds;
        for (;;) {
            const value = await this.run(body, ...args);
            if (value) return value;
            if (Date.now() > deadline) throw new Error(`waited ${milliseconds} ms, and still not: ${what}`);
            await pause(30);
        }
    }

    /** The element that a selector finds first, as the protocol names it. */
    async find(selector) {
        const element = await this.post('/element', { using: 'css selector', value: selector });
        return element[elementKey];
    }

    /** Clicks where a person would: the element is scrolled into view, and must not be covered. */
    async click(selector) { await this.post(`/element/${await this.find(selector)}/click`); }

    /** The text that a person sees. */
    async text(selector) { return this.get(`/element/${await this.find(selector)}/text`); }

    /** Types into one element. */
    async type(selector, text) { await this.post(`/element/${await this.find(selector)}/value`, { text }); }

    /** Presses keys one after the other, wherever the focus is. */
    async press(...keys) {
        const actions = keys.flatMap((key) => [...key].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]));
        await this.post('/actions', { actions: [{ type: 'key', id: 'keys', actions }] });
    }

    /** How a program that reads the page aloud names an element, and which role it has. */
    async spoken(selector) {
        const element = await this.find(selector);
        return { role: await this.get(`/element/${element}/computedrole`), name: await this.get(`/element/${element}/computedlabel`) };
    }

    /** Writes a picture of the window, or of the whole page. */
    async screenshot(file, { whole = true } = {}) {
        const { data } = await this.devtools('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
        await writeFile(file, Buffer.from(data, 'base64'));
    }

    /** Prints; the PDF's bytes, written to a file where one is named. */
    async print(file) {
        const bytes = Buffer.from(await this.post('/print', { background: true, shrinkToFit: true }), 'base64');
        if (file) await writeFile(file, bytes);
        return bytes;
    }

    /** What the page wrote to its console since the last call: errors that nobody caught, too. */
    async console() { return (await this.post('/se/log', { type: 'browser' })).map((entry) => `${entry.level} ${entry.message}`); }

    /** Addresses that were asked for since the last call. The file itself, and what the page made of its own, do not count. */
    async requests() {
        const entries = await this.post('/se/log', { type: 'performance' });
        return entries.map((entry) => JSON.parse(entry.message).message)
            .filter((message) => message.method === 'Network.requestWillBeSent')
            .map((message) => ({ address: message.params.request.url, type: message.params.type }))
            .filter(({ address, type }) => type !== 'Document' && !/^(data|blob):/.test(address))
            .map(({ address }) => address);
    }

    /** By how many pixels the page scrolls sideways: 0 is what is wanted. */
    overflow() {
        return this.run('return Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - document.documentElement.clientWidth');
    }

    async close() {
        try {
            if (this.session) await this.command('DELETE', this.session);
        } finally {
            this.stop();
        }
    }
}
