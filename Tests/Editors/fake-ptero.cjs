#!/usr/bin/env node
// Stands in for `ptero`: does what the variable FAKE_PTERO says, and notes in FAKE_LOG with which arguments it was called and that it
// was asked to end. FAKE_PTERO is JSON: output, errors, status, milliseconds (before it answers), stubborn (does not end when asked),
// page (what it writes where --html or --output says), child (starts a program that goes on, and notes its number).
'use strict';
const { spawn } = require('node:child_process');
const { appendFileSync, writeFileSync } = require('node:fs');

const wanted = JSON.parse(process.env.FAKE_PTERO);
const words = process.argv.slice(2);
const note = (record) => appendFileSync(process.env.FAKE_LOG, `${JSON.stringify(record)}\n`);

process.on('SIGTERM', () => {
    note({ asked: process.pid });
    if (!wanted.stubborn) process.exit(3);
});
const child = wanted.child ? spawn('sleep', ['60'], { stdio: 'inherit' }).pid : undefined;
note({ words, pid: process.pid, child });

setTimeout(() => {
    const option = words.findIndex((word) => word === '--html' || word === '--output');
    if (option >= 0 && wanted.page !== undefined) writeFileSync(words[option + 1], wanted.page);
    process.stderr.write(wanted.errors ?? '');
    process.stdout.write(wanted.output ?? '', () => process.exit(wanted.status ?? 0));
}, wanted.milliseconds ?? 0);
