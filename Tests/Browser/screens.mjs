// A report looks as it did: light, dark and on paper, beside small pictures that are stored here.
//
//     node Tests/Browser/screens.mjs PTERO [--update]
//
// Pictures are compared small, so that another version of a font or of Chromium is no fault: what counts is what lies where, and how
// dark it is. --update stores what is seen; look at it before you commit it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { missing, open } from './driver.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const stored = path.join(here, 'Screens');
const [ptero, update] = process.argv.slice(2);
const lacks = missing();
if (lacks) {
    console.log(`skipped: ${lacks}`);
    process.exit(0);
}

/** The width of a stored picture, in pixels. */
const width = 200;

/** In the page: two pictures, drawn as small as the stored one; how far they are apart, from 0 to 255, and how much of them is. */
const difference = async (shot, other, width) => {
    const load = async (source) => {
        const image = new Image();
        image.src = `data:image/png;base64,${source}`;
        await image.decode();
        return image;
    };
    const images = [await load(shot), await load(other)];
    const heights = images.map((image) => image.height / image.width);
    const height = Math.round(width * heights[1]);
    const [first, second] = images.map((image) => {
        const canvas = Object.assign(document.createElement('canvas'), { width, height });
        const context = canvas.getContext('2d', { willReadFrequently: true });
        context.imageSmoothingQuality = 'high';
        context.drawImage(image, 0, 0, width, height);
        // Blurred once more: a letter that lies a pixel further is the same letter.
        const small = Object.assign(document.createElement('canvas'), { width: width / 4, height: Math.ceil(height / 4) });
        const shrunk = small.getContext('2d', { willReadFrequently: true });
        shrunk.imageSmoothingQuality = 'high';
        shrunk.drawImage(canvas, 0, 0, small.width, small.height);
        return shrunk.getImageData(0, 0, small.width, small.height).data;
    });
    let [sum, far] = [0, 0];
    for (let at = 0; at < first.length; at += 4) {
        const apart = Math.max(...[0, 1, 2].map((part) => Math.abs(first[at + part] - second[at + part])));
        sum += apart;
        if (apart > 40) far += 1;
    }
    return { height: Math.abs(heights[0] / heights[1] - 1), mean: sum / (first.length / 4), far: far / (first.length / 4) };
};

/** In the page: a picture as small as it is stored. */
const small = async (shot, width) => {
    const image = new Image();
    image.src = `data:image/png;base64,${shot}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width, height: Math.round(width * image.height / image.width) });
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/png').split(',')[1];
};

const isSame = ({ height, mean, far }) => height < 0.03 && mean < 2 && far < 0.01;

const folder = mkdtempSync(path.join(tmpdir(), 'ptero-screens-'));
const browser = await open({ width: 1400 });
try {
    const report = path.join(folder, 'report.html');
    execFileSync(ptero, ['check', path.join(here, '../../Corpus/wrprotect/two-step+write+lost-dirty.litmus'), '--profile', 'late', '--html', report]);
    const file = path.join(folder, 'shot.png');
    const take = async (look) => {
        await browser.emulate({ stillness: true, ...look });
        await browser.load(report);
        if (look.spoilt) await browser.run(() => { for (const box of document.querySelectorAll('svg .cpu, svg .mem')) box.remove(); });
        await browser.screenshot(file);
        return readFileSync(file).toString('base64');
    };
    const shots = { light: await take({}), dark: await take({ dark: true }), print: await take({ print: true }) };
    const spoilt = await take({ spoilt: true });
    // A page of its own, which may load pictures.
    const blank = path.join(folder, 'blank.html');
    writeFileSync(blank, '<!doctype html><title>compare</title>');
    await browser.emulate({});
    await browser.load(blank);
    for (const [name, shot] of Object.entries(shots)) {
        const place = path.join(stored, `${name}.png`);
        if (update === '--update') {
            mkdirSync(stored, { recursive: true });
            writeFileSync(place, Buffer.from(await browser.run(small, shot, width), 'base64'));
        }
        assert.ok(existsSync(place), `${place} is missing: --update stores it`);
        const found = await browser.run(difference, shot, readFileSync(place).toString('base64'), width);
        console.log(`${name}: ${found.mean.toFixed(2)} of 255 apart, ${(100 * found.far).toFixed(2)} % of it far, height ${(100 * found.height).toFixed(1)} %`);
        assert.ok(isSame(found), `the report looks different (${name}); look at it, and store it with --update if it is right`);
    }
    // What would be another look is found.
    const light = readFileSync(path.join(stored, 'light.png')).toString('base64');
    for (const [name, shot] of [['dark', shots.dark], ['spoilt', spoilt]]) {
        const found = await browser.run(difference, shot, light, width);
        assert.ok(!isSame(found), `${name} is taken for the light report: ${JSON.stringify(found)}`);
    }
} finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
}
