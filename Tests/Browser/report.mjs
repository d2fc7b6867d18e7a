// Drives reports in Chromium: node Tests/Browser/report.mjs [PTERO [REPORT.html ...]]
// Of further reports it looks for what is cut or lies over something else.
//
// What is asserted is listed in the design of the pictures: nothing is asked of a network, nothing is thrown, nothing is cut at
// any width, keys select steps, the page is the same where scripts are off, and what is drawn is what the run's JSON says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Key, missing, open } from './driver.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const ptero = path.resolve(process.argv[2] ?? path.join(root, '.build/debug/ptero'));
const lacks = missing();
if (lacks) {
    console.log(`skipped: ${lacks}`);
    process.exit(0);
}

const folder = mkdtempSync(path.join(tmpdir(), 'ptero-report-'));
const tests = ['wrprotect/two-step+write+lost-dirty', 'wrprotect/lock-and+write+exposed', 'wrprotect/dance+write+lost-dirty',
    'history/case-24-rmap', 'levels/huge-split+no-break', 'tso/SB'].map((name) => `Corpus/${name}.litmus`);
const run = (...words) => {
    try {
        return execFileSync(ptero, words, { cwd: root, encoding: 'utf8' });
    } catch (error) {
        // 1: a verdict is not as expected; the report is there all the same.
        if (error.status === 1) return error.stdout;
        throw error;
    }
};
const slug = 'two-step-write-lost-dirty-late';
const report = path.join(folder, 'report.html');
run('check', ...tests, '--html', report);

let passed = 0;
async function check(name, body) {
    try {
        await body();
        passed += 1;
        console.log(`ok   ${name}`);
    } catch (error) {
        process.exitCode = 1;
        console.log(`FAIL ${name}\n     ${error.message.replaceAll('\n', '\n     ')}`);
    }
}

/** Captions that are higher than their row, or wider than their column, with their text. */
const cutCaptions = () => [...document.querySelectorAll('.caps>li')].filter((item) => item.offsetParent).flatMap((item) => {
    const box = item.getBoundingClientRect();
    const parts = [...item.querySelectorAll('p,code,summary,.fold ul')].filter((part) => part.checkVisibility() && getComputedStyle(part).position !== 'absolute');
    return parts.filter((part) => {
        const own = part.getBoundingClientRect();
        return own.bottom > box.bottom + 1 || own.right > box.right + 1 || part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display === 'block';
    }).map((part) => `${item.dataset.s ?? ''} ${part.textContent.slice(0, 60)}`);
});

/** Texts of one picture that lie over each other, as the browser measures them. */
const overlaps = () => [...document.querySelectorAll('.frame>svg')].filter((svg) => svg.checkVisibility()).flatMap((svg) => {
    const labels = [...svg.querySelectorAll('text')].filter((text) => text.getBoundingClientRect().width > 0).map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    const found = [];
    const frame = svg.getBoundingClientRect();
    labels.forEach((one, number) => {
        if (one.box.left < frame.left - 1 || one.box.right > frame.right + 1) found.push(`${one.text} is cut`);
        for (const other of labels.slice(number + 1)) {
            const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
            const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
            if (across > 1 && down > 4) found.push(`${one.text} over ${other.text}`);
        }
    });
    return found;
});

const state = () => ({
    hash: location.hash,
    focus: document.activeElement?.textContent.slice(0, 20),
    rows: [...document.querySelectorAll('.caps>li.on')].filter((item) => item.offsetParent).map((item) => item.dataset.s),
    bands: [...document.querySelectorAll('rect.row.on')].filter((band) => band.checkVisibility()).map((band) => band.dataset.s),
});

const browser = await open({ width: 1400, height: 1000 });
try {
    await browser.emulate({ stillness: true });
    await browser.load(report);

    await check('no request leaves the page, and nothing is thrown', async () => {
        assert.deepEqual(await browser.requests(), []);
        assert.deepEqual(await browser.console(), []);
    });

    await check('names and roles', async () => {
        assert.equal((await browser.spoken('.matrix table')).role, 'table');
        assert.equal((await browser.spoken('.matrix thead th')).role, 'columnheader');
        assert.equal((await browser.spoken('.matrix tbody tr:nth-child(2) th')).role, 'rowheader');
        const picture = await browser.spoken(`#${slug} .frame[data-l=all]>svg`);
        assert.match(picture.role, /img|image/);
        assert.match(picture.name, /^two-step\+write\+lost-dirty on late, knl, book\. x was written, but neither D/);
        assert.equal((await browser.spoken(`#${slug} .caps`)).role, 'list');
        assert.equal((await browser.spoken(`#${slug} .lv`)).role, 'radio');
        assert.match((await browser.spoken(`#${slug} .lv`)).name, /steps|ones/);
        assert.match((await browser.spoken('#theme')).name, /light \/ dark/);
    });

    await check('a failure is a cross, a word and a link', async () => {
        const cells = await browser.run(() => [...document.querySelectorAll('.matrix td.bad')].map((cell) => [cell.textContent, cell.querySelector('a')?.hash]));
        assert.ok(cells.length >= 5);
        for (const [text, hash] of cells) assert.ok(text.startsWith('✕ ') && hash.length > 1, text);
        const broken = await browser.run(() => [...document.querySelectorAll('a[href^="#"]')].filter((link) => !document.getElementById(link.hash.slice(1))).map((link) => link.hash));
        assert.deepEqual([...new Set(broken)], []);
    });

    for (const width of [1400, 1100, 800, 400]) {
        await check(`${width} px: no sideways scrolling, nothing is cut, nothing overlaps`, async () => {
            await browser.size(width);
            for (const level of ['all', 'matters', 'whole']) {
                await browser.run((level) => { for (const input of document.querySelectorAll(`.lv[value=${level}]`)) input.checked = true; }, level);
                assert.ok(await browser.overflow() <= 0, `${level}: the page is ${await browser.overflow()} px too wide`);
                assert.deepEqual(await browser.run(cutCaptions), [], level);
                assert.deepEqual(await browser.run(overlaps), [], level);
            }
            await browser.run(() => { for (const input of document.querySelectorAll('.lv[value=all]')) input.checked = true; });
        });
    }

    await check('rows of captions and of the picture are level', async () => {
        await browser.size(1400);
        const apart = await browser.run(() => [...document.querySelectorAll('.caps>li[data-s]')].filter((item) => item.offsetParent).map((item) => {
            const band = item.closest('.frame').querySelector(`rect.row[data-s="${item.dataset.s}"]`);
            return Math.abs(band.getBoundingClientRect().top - item.getBoundingClientRect().top);
        }));
        assert.ok(apart.length > 20 && Math.max(...apart) <= 2, `${Math.max(...apart)} px apart`);
    });

    await check('keys select steps', async () => {
        await browser.load(report, slug);
        await browser.reload();
        await browser.press(Key.down);
        assert.deepEqual(await browser.run(state), { hash: `#${slug}-1`, focus: '1', rows: ['1'], bands: ['1'] });
        await browser.press('j', 'j', Key.down);
        assert.deepEqual(await browser.run(state), { hash: `#${slug}-4`, focus: '4', rows: ['4'], bands: ['4'] });
        await browser.press('k');
        assert.equal((await browser.run(state)).hash, `#${slug}-3`);
        await browser.press(Key.end);
        assert.deepEqual(await browser.run(state), { hash: `#${slug}-9`, focus: '9', rows: ['9'], bands: ['9'] });
        const seen = await browser.run(() => { const box = document.activeElement.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; });
        assert.ok(seen, 'the selected step is not in view');
        await browser.press(Key.home, Key.up);
        assert.equal((await browser.run(state)).hash, `#${slug}-1`);
        assert.match(await browser.run('return document.getElementById("live").textContent'), /^step 1: P1's CPU walks/);
        await browser.press('x');
        assert.equal((await browser.run(state)).hash, `#${slug}-1`);
    });

    await check('a number in a sentence selects its step, and the source shows it', async () => {
        await browser.click(`#${slug} .story a.d`);
        const { hash, rows } = await browser.run(state);
        assert.equal(hash, `#${slug}-${rows[0]}`);
        const lines = await browser.run((slug) => [...document.querySelectorAll(`#${slug} .source tr.on`)].map((row) => row.textContent), slug);
        assert.equal(lines.length, 1);
    });

    await check('a fragment selects a step', async () => {
        await browser.load(report, `${slug}-6`);
        await browser.reload();
        assert.deepEqual((await browser.run(state)).rows, ['6']);
    });

    await check('the command line is copied', async () => {
        await browser.click(`#${slug} .copy`);
        await browser.until('the button says so', `return document.querySelector('#${slug} .copy').textContent === 'copied'`);
    });

    await check('a text that is closed opens by its fragment', async () => {
        const many = path.join(folder, 'many.html');
        run('check', 'Corpus/wrprotect', '--html', many);
        await browser.load(many);
        const closed = await browser.run(() => [...document.querySelectorAll('details.fail')].map((item) => item.id));
        assert.equal(await browser.run('return document.querySelectorAll("section.fail").length'), 10);
        assert.ok(closed.length > 10);
        assert.equal(await browser.run('return document.querySelector("details.fail ol").checkVisibility()'), false);
        await browser.run((id) => { location.hash = id; }, closed[3]);
        await browser.until('it is open', 'return document.getElementById(arguments[0]).open', 5000, closed[3]);
        assert.deepEqual(await browser.console(), []);
    });

    await check('letters are switched off together with the box', async () => {
        await browser.load(report, `${slug}-6`);
        await browser.reload();
        await browser.click('#letters');
        await browser.run(() => document.activeElement.blur());
        await browser.press('j');
        assert.equal((await browser.run(state)).hash, `#${slug}-6`);
        await browser.press(Key.down);
        assert.equal((await browser.run(state)).hash, `#${slug}-7`);
    });

    await check('levels have exactly their steps, and folds say how many', async () => {
        await browser.load(report);
        const line = run('check', tests[0], '--profile', 'late', '--explain', '--json');
        const data = JSON.parse(line.trim());
        assert.equal(data.steps.length, 9);
        const levels = await browser.run((slug) => [...document.querySelectorAll(`#${slug} .frame`)].map((frame) => [frame.dataset.l, [...frame.querySelectorAll('li[data-s]')].map((item) => +item.dataset.s)]), slug);
        for (const [level, steps] of levels) {
            const wanted = data.steps.filter((step) => level !== 'matters' || step.matters).map((step) => step.n);
            assert.deepEqual(steps, wanted, level);
        }
        const fold = await browser.text(`#${slug} .frame[data-l=all] .fold summary`);
        assert.match(fold, /5 private instructions, lines 13–17/);
        await browser.click(`#${slug} .frame[data-l=all] .fold summary`);
        assert.equal((await browser.text(`#${slug} .frame[data-l=all] .fold ul`)).split('\n').length, 5);
    });

    await check('what is drawn is what the run says', async () => {
        const data = JSON.parse(run('check', tests[0], '--profile', 'late', '--explain', '--json').trim());
        const drawn = await browser.run((slug) => {
            const svg = document.querySelector(`#${slug} .frame[data-l=all]>svg`);
            const count = (name) => svg.querySelectorAll(name).length;
            return { changes: count('.change'), tlb: count('.tlb'), buffer: count('.buffer'), stale: count('rect.stale'), words: [...svg.querySelectorAll('.staleword')].length, flushes: count('.head.flush'), rows: count('rect.row'), letters: [...svg.querySelectorAll('text.bit')].map((text) => text.textContent) };
        }, slug);
        assert.equal(drawn.rows, data.steps.length);
        const filled = new Set(data.steps.flatMap((step) => Object.values(step.tlbs ?? {}).flat().map((held) => held.filledBy)));
        const stored = new Set(data.steps.flatMap((step) => Object.values(step.buffers ?? {}).flat().map((held) => held.storedBy)));
        assert.equal(drawn.tlb, filled.size);
        assert.equal(drawn.buffer, stored.size);
        const stale = new Set(data.steps.flatMap((step) => Object.values(step.tlbs ?? {}).flat().filter((held) => held.stale.length).map((held) => held.filledBy)));
        assert.ok(drawn.stale >= stale.size && drawn.stale === drawn.words);
        const asks = data.steps.flatMap((step) => step.flush?.asks ?? []).length + data.steps.filter((step) => step.flush && 'acknowledges' in step.flush).length;
        assert.equal(drawn.flushes, asks);
    });

    await check('scripts off: picture, captions and source are the same', async () => {
        const shown = () => [...document.querySelectorAll('.frame, .source, .story, .matrix')].filter((part) => part.checkVisibility()).map((part) => part.innerText).join('\n');
        await browser.load(report);
        await browser.reload();
        const on = await browser.run(shown);
        await browser.scripts(false);
        await browser.reload();
        assert.equal(await browser.run(shown), on);
        assert.equal(await browser.run('return document.getElementById("theme").checkVisibility()'), false);
        assert.equal(await browser.run(`document.querySelector('#${slug} .lv[value=whole]').click(); return document.querySelector('#${slug} .frame[data-l=whole]').checkVisibility()`), true);
        await browser.scripts(true);
        await browser.reload();
    });

    /** The contrast of texts against what is behind them, the least of the page. */
    const contrast = () => {
        const luminance = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4).reduce((sum, part, number) => sum + part * [0.2126, 0.7152, 0.0722][number], 0);
        const behind = (element) => { for (let at = element; at; at = at.parentElement) { const colour = getComputedStyle(at).backgroundColor; if (!/, 0\)$/.test(colour)) return colour; } return 'rgb(255, 255, 255)'; };
        let least = [99, ''];
        for (const element of document.querySelectorAll('p,li,td,th,h1,h2,h3,h4,code,pre,summary,a,b,label,button')) {
            if (!element.checkVisibility() || ![...element.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
            const [one, two] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
            const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
            if (ratio < least[0]) least = [ratio, `${element.tagName} ${element.className}: ${element.textContent.slice(0, 40)}`];
        }
        return least;
    };

    await check('light and dark, by preference and by the button, with contrast', async () => {
        const ground = () => getComputedStyle(document.body).backgroundColor;
        await browser.emulate({ dark: false });
        assert.equal(await browser.run(ground), 'rgb(251, 251, 250)');
        let [ratio, where] = await browser.run(contrast);
        assert.ok(ratio >= 4.5, `light: ${ratio.toFixed(2)} ${where}`);
        await browser.emulate({ dark: true });
        assert.equal(await browser.run(ground), 'rgb(20, 23, 27)');
        [ratio, where] = await browser.run(contrast);
        assert.ok(ratio >= 4.5, `dark: ${ratio.toFixed(2)} ${where}`);
        await browser.run('scrollTo(0, 0)');
        await browser.click('#theme');
        assert.equal(await browser.run(ground), 'rgb(251, 251, 250)');
        await browser.emulate({ stillness: true });
        await browser.reload();
    });

    await check('forced colours keep shapes', async () => {
        await browser.emulate({ forced: true });
        assert.ok((await browser.run((slug) => getComputedStyle(document.querySelector(`#${slug} svg .chip`)).stroke, slug)) !== 'none');
        await browser.emulate({ stillness: true });
    });

    await check('prints light, without buttons', async () => {
        await browser.emulate({ print: true, dark: true });
        assert.equal(await browser.run(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
        assert.equal(await browser.run(() => [...document.querySelectorAll('button')].filter((button) => button.checkVisibility()).length), 0);
        const wide = await browser.run(() => [...document.querySelectorAll('.frame')].filter((frame) => frame.checkVisibility()).map((frame) => frame.scrollWidth * parseFloat(getComputedStyle(frame).zoom)));
        assert.ok(Math.max(...wide) <= 1460, `${Math.max(...wide)} px`);
        const pdf = await browser.print(path.join(folder, 'report.pdf'));
        assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
        await browser.emulate({ stillness: true });
    });

    await check('a long picture is cut between rows on paper, and nowhere else', async () => {
        const long = path.join(folder, 'long.html');
        run('check', 'Corpus/history/case-05-mask-trimmed.litmus', 'Corpus/history/case-06-use-mm.litmus', '--html', long);
        await browser.load(long);
        await browser.run(() => { for (const frame of document.querySelectorAll('.frame.cut')) frame.closest('.pick').querySelector(`.lv[value=${frame.dataset.l}]`).checked = true; });
        const shown = () => browser.run(() => [...document.querySelectorAll('.sheets')].filter((part) => part.checkVisibility()).length);
        assert.equal(await shown(), 0);
        await browser.emulate({ print: true });
        const parts = await browser.run(() => [...document.querySelectorAll('.sheets')].filter((part) => part.checkVisibility()).map((part) => {
            const frame = part.previousElementSibling;
            return {
                isFrameSeen: getComputedStyle(frame).opacity !== '0', rows: part.querySelectorAll('li').length, all: frame.querySelectorAll('.caps>li').length,
                heights: [...part.querySelectorAll('.sheet')].map((sheet) => Math.round(sheet.getBoundingClientRect().height)),
                widths: [...part.querySelectorAll('.sheet')].map((sheet) => Math.round(sheet.lastElementChild.getBoundingClientRect().right - sheet.getBoundingClientRect().left)),
                // The parts of the picture, heads apart, are all of it in order.
                strips: [...part.querySelectorAll('svg svg:last-child')].map((strip) => strip.viewBox.baseVal).map((box) => [box.y, box.y + box.height]),
                height: frame.querySelector('svg').viewBox.baseVal.height,
                cut: [...part.querySelectorAll('li')].filter((item) => item.scrollHeight > item.clientHeight + 1).map((item) => item.textContent),
            };
        }));
        assert.ok(parts.length > 0, 'no picture is cut');
        for (const part of parts) {
            assert.equal(part.isFrameSeen, false);
            assert.equal(part.rows, part.all);
            assert.ok(part.heights.length > 1 && Math.max(...part.heights) <= 1000, `${part.heights}`);
            assert.ok(Math.max(...part.widths) <= 740, `${part.widths}`);
            assert.deepEqual(part.cut, []);
            part.strips.slice(1).forEach(([start], number) => assert.equal(start, part.strips[number][1]));
            assert.equal(part.strips.at(-1)[1], part.height);
        }
        await browser.emulate({ stillness: true });
        await browser.load(report);
    });

    await check('a hostile test does nothing', async () => {
        const hostile = path.join(folder, 'hostile.html');
        const test = readFileSync(path.join(root, tests[1]), 'utf8').replace('lock-and+write+exposed', '</script><img/src=x/onerror=document.title=1>').replace(/^"/m, '"</p><script>document.title=1</script>');
        const file = path.join(folder, 'hostile.litmus');
        await import('node:fs').then((fs) => fs.writeFileSync(file, test));
        run('check', file, '--html', hostile);
        await browser.load(hostile);
        assert.equal(await browser.run('return document.querySelectorAll("img").length'), 0);
        assert.equal(await browser.run('return document.querySelectorAll("script").length'), 1);
        assert.match(await browser.run('return document.title'), /Ptero/);
        assert.deepEqual(await browser.requests(), []);
    });

    await check('replay and why are pages of their own', async () => {
        const line = run('check', tests[1], '--profile', 'cet', '--explain').match(/^replay: ptero (.*)$/m)[1].split(' ');
        for (const [name, words] of [['replay', line], ['why', ['why', 'Corpus/wrprotect/cmpxchg+write+lost-dirty.litmus']]]) {
            const file = path.join(folder, `${name}.html`);
            run(...words, '--html', file);
            await browser.load(file);
            for (const width of [1400, 400]) {
                await browser.size(width);
                assert.ok(await browser.overflow() <= 0, `${name}, ${width} px`);
                assert.deepEqual(await browser.run(overlaps), [], name);
                assert.deepEqual(await browser.run(cutCaptions), [], name);
            }
            assert.deepEqual(await browser.console(), []);
        }
    });

    await check('a click into the picture selects its row', async () => {
        await browser.size(1400);
        await browser.load(report);
        await browser.reload();
        await browser.run((slug) => {
            const svg = document.querySelector(`#${slug} .frame[data-l=all]>svg`);
            const row = svg.querySelector('.row[data-s="4"]');
            row.scrollIntoView({ block: 'center' });
            const box = row.getBoundingClientRect();
            const place = { clientX: box.left + 60, clientY: box.top + 20, bubbles: true };
            document.elementFromPoint(place.clientX, place.clientY).dispatchEvent(new MouseEvent('click', place));
        }, slug);
        const { rows, bands } = await browser.run(state);
        assert.deepEqual([rows, bands], [['4'], ['4']]);
    });

    for (const file of process.argv.slice(3)) {
        await check(`${file}: nothing is cut, nothing overlaps`, async () => {
            await browser.load(file);
            for (const width of [1400, 400]) {
                await browser.size(width);
                for (const level of ['all', 'matters', 'whole']) {
                    await browser.run((level) => { for (const input of document.querySelectorAll(`.lv[value=${level}]`)) input.checked = true; }, level);
                    assert.ok(await browser.overflow() <= 0, `${width} px, ${level}: ${await browser.overflow()} px too wide`);
                    assert.deepEqual(await browser.run(cutCaptions), [], level);
                    assert.deepEqual(await browser.run(overlaps), [], level);
                }
            }
            assert.deepEqual(await browser.console(), []);
        });
    }

    await check('sizes', async () => {
        assert.ok(statSync(report).size < 400_000, `${statSync(report).size} bytes`);
    });
} finally {
    await browser.close();
    rmSync(folder, { recursive: true });
}
console.log(`${passed} passed`);
