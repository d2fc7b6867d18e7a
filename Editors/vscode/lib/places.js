// Places in the text of a test. Lines are numbered from 0 here, as editors do, and columns count UTF-16's units.
'use strict';
const path = require('node:path');

/** The line with the test's name, and the name. Comments may come before it; `--` stands for the file's name. */
function head(text, file) {
    const lines = text.split(/\r?\n/);
    const line = lines.findIndex((candidate) => /^\s*(?:X86_64|C)\s+\S/.test(candidate));
    if (line < 0) return { line: 0, name: '' };
    const name = lines[line].trim().split(/\s+/)[1];
    return { line, name: name === '--' ? path.parse(file).name : name };
}

/** The line of the comment that says what is expected of a condition, or of all; undefined where there is none. */
function resultLine(text, condition) {
    const lines = text.split(/\r?\n/);
    const named = (name) => lines.findIndex((line) => {
        const match = /^(?:.*\(\*)?[\s*]*Result(?:\s+([A-Za-z][A-Za-z0-9_.+-]*))?\s*:/.exec(line);
        return match !== null && (match[1] ?? '') === name;
    });
    return [named(condition), named('')].find((line) => line >= 0);
}

/** Where a column that counts Unicode scalars from 1 is in a line, from 0 in UTF-16's units. */
function utf16(line, column) {
    let units = 0;
    let left = column - 1;
    for (const scalar of line) {
        if (left-- <= 0) break;
        units += scalar.length;
    }
    return units;
}

/** The part of a line that begins at a column and ends with its word, so that there is something to underline. */
function word(line, column) {
    const start = utf16(line, column);
    const found = /^(?:[\p{L}\p{N}_]+|\S)/u.exec(line.slice(start));
    if (found) return [start, start + found[0].length];
    return [Math.max(0, Math.min(start, line.length) - 1), line.length];
}

/** The part of a line between its blanks. */
function whole(line) { return [line.length - line.trimStart().length, line.trimEnd().length]; }

module.exports = { head, resultLine, whole, word };
