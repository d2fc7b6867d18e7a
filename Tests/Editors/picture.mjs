// Draws what Vim shows of two tests, one with an error and one with a verdict that is not expected: the picture of Editors/README.md.
// Vim runs in tmux, and Chromium draws the terminal's text in its colours.
//
//     node Tests/Editors/picture.mjs .build/release/ptero Editors/vim.png
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { open, pause } from '../Browser/driver.mjs';

const [columns, rows] = [134, 23];
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [program, picture] = process.argv.slice(2).map((name) => path.resolve(name));
if (!picture) throw new Error('name a program and a picture');

const folder = mkdtempSync(path.join(os.tmpdir(), 'ptero-picture-'));
const tmux = (...words) => execFileSync('tmux', ['-S', path.join(folder, 'socket'), '-f', '/dev/null', ...words], { encoding: 'utf8' });
const drawn = path.join(folder, 'terminal.html');
try {
    writeTests();
    const lines = await screen();
    writeFileSync(drawn, page(lines));
    const browser = await open({ width: 1080, height: 460 });
    try {
        await browser.load(drawn);
        const [width, height] = await browser.run('const box = document.querySelector("pre").getBoundingClientRect(); return [box.width, box.height]');
        await browser.size(Math.ceil(width), Math.ceil(height));
        await browser.screenshot(picture, { whole: false });
    } finally {
        await browser.close();
    }
    console.log(`made: ${picture}`);
} finally {
    try { tmux('kill-server'); } catch { /* It has ended already. */ }
    rmSync(folder, { recursive: true, force: true });
}

/** One corpus test with another expectation, and one with a slip of the pen. */
function writeTests() {
    const corpus = (name) => readFileSync(path.join(root, 'Corpus/wrprotect', name), 'utf8');
    const wrong = corpus('lock-and+write+exposed.litmus').replace('cet=Sometimes', 'cet=Never');
    writeFileSync(path.join(folder, 'lock-and.litmus'), wrong);
    writeFileSync(path.join(folder, 'plain-and.litmus'), corpus('plain-and+write+lost-dirty.litmus').replace('movl', 'mvl'));
}

/** Vim's screen when both tests were checked, a line of text with escapes each. */
async function screen() {
    const setup = path.join(folder, 'setup.vim');
    writeFileSync(setup, `set nocompatible noswapfile viminfo= laststatus=2 noruler noshowcmd shortmess+=IF fillchars=vert:\\ ,eob:\\ 
let &t_8f = "\\<Esc>[38;2;%lu;%lu;%lum" | let &t_8b = "\\<Esc>[48;2;%lu;%lu;%lum"
set termguicolors background=light nowrap
execute 'set runtimepath^=' . fnameescape($PTERO_EDITORS . '/vim')
filetype plugin on
syntax on
highlight Comment guifg=#57606a | highlight Constant guifg=#0550ae | highlight String guifg=#57606a
highlight Normal guifg=#1f2328 guibg=#ffffff
highlight PteroRight guifg=#1a7f37 | highlight PteroWrong guifg=#cf222e | highlight PteroOpen guifg=#9a6700
highlight SignColumn guibg=#f6f8fa | highlight QuickFixLine guifg=NONE guibg=#ddf4ff | highlight VertSplit guifg=#d0d7de guibg=#d0d7de gui=NONE
highlight StatusLine guifg=#1f2328 guibg=#d0d7de gui=bold cterm=NONE | highlight StatusLineNC guifg=#57606a guibg=#d0d7de gui=NONE cterm=NONE
highlight clear qfError | highlight Error guifg=#cf222e guibg=NONE
silent edit plain-and.litmus
PteroCheck
silent rightbelow vsplit lock-and.litmus
PteroCheck
`);
    tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', folder,
        '-e', `PTERO_PROGRAM=${program}`, '-e', `PTERO_EDITORS=${root}/Editors`,
        'vim', '--cmd', 'let g:ptero_path = $PTERO_PROGRAM', '-Nu', setup);
    const shown = () => tmux('capture-pane', '-p', '-e');
    const type = (text) => tmux('send-keys', text, 'Enter');
    await until(() => /not Never/.test(shown()) && /E>/.test(shown()));
    type(':wincmd h | botright lopen 3 | wincmd p');
    await until(() => /remedy/.test(shown()));
    type(':echo');
    await pause(300);
    return shown().split('\n');
}

async function until(condition) {
    for (const end = Date.now() + 20_000; !condition(); await pause(100)) {
        if (Date.now() > end) throw new Error(`Vim does not show what is wanted:\n${tmux('capture-pane', '-p')}`);
    }
}

/** The text as a page, with the colours that its escapes name. */
function page(lines) {
    const basic = ['#000', '#cd3131', '#107c10', '#949800', '#0451a5', '#bc05bc', '#0598bc', '#666'];
    // A style goes on over the end of a line.
    let style = {};
    const body = lines.map((line) => line.split(/\x1b\[([0-9;:]*)m/).map((part, index) => {
            if (index % 2 === 1) style = styled(style, part.split(/[;:]/).map(Number), basic);
            else return `<span style="${css(style)}">${part.replace(/[&<]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</span>`;
            return '';
        }).join('')).join('\n');
    return `<!DOCTYPE html><meta charset="utf-8"><style>body { margin: 0 } pre { margin: 0; padding: 10px; background: #fff; color: #1f2328;
        font: 13px/18px "DejaVu Sans Mono", monospace; width: ${columns}ch; display: inline-block }</style><pre>${body.trimEnd()}</pre>`;
}

function styled(before, codes, basic) {
    const style = { ...before };
    for (let index = 0; index < codes.length; index += 1) {
        const code = codes[index];
        if (code === 0) for (const key of Object.keys(style)) delete style[key];
        else if (code === 1) style.weight = 'bold';
        else if (code === 4) style.line = 'underline';
        else if (code === 7) style.reverse = true;
        else if (code === 27) style.reverse = false;
        else if (code === 39) delete style.front;
        else if (code === 49) delete style.back;
        else if (code >= 30 && code <= 37) style.front = basic[code - 30];
        else if (code >= 40 && code <= 47) style.back = basic[code - 40];
        else if ((code === 38 || code === 48) && codes[index + 1] === 2) {
            style[code === 38 ? 'front' : 'back'] = `rgb(${codes.slice(index + 2, index + 5).join(' ')})`;
            index += 4;
        }
    }
    return style;
}

function css({ front = '#1f2328', back = 'transparent', weight = 'normal', line = 'none', reverse }) {
    const [fore, behind] = reverse ? [back === 'transparent' ? '#fff' : back, front] : [front, back];
    return `color: ${fore}; background: ${behind}; font-weight: ${weight}; text-decoration: ${line}`;
}
