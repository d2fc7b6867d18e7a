// Runs a program: without a shell, with a time limit, and so that it can be stopped with all that it has started.
'use strict';
const { spawn } = require('node:child_process');

// A search of a large test lists many final states; what is longer than this is no answer that an editor could show.
const mostBytes = 64 * 1024 * 1024;
// How long a program may take to end after it was asked to.
const graceMilliseconds = 2000;
// On Unix a program has a group of its own, so that compilers that it has started end with it.
const groups = process.platform !== 'win32';

/**
 * A program that runs with these arguments, in a folder, for so many seconds at most. `done` is a promise that never fails,
 * of { how, status, output, errors }; for `how` see `end`.
 */
class Run {
    constructor(program, words, { cwd, seconds }) {
        this.how = 'ended';
        this.bytes = 0;
        this.output = [];
        this.errors = [];
        this.done = new Promise((resolve) => { this.resolve = resolve; });
        try {
            this.child = spawn(program, words, options(cwd));
        } catch (error) {
            this.failed(error);
            return;
        }
        this.child.stdout.on('data', (chunk) => this.collect(this.output, chunk));
        this.child.stderr.on('data', (chunk) => this.collect(this.errors, chunk));
        this.child.on('error', (error) => this.failed(error));
        this.child.on('close', (status, signal) => this.finish(status ?? signal));
        this.timer = setTimeout(() => this.end('time'), seconds * 1000);
    }

    /** Ends it before it ends itself. */
    stop() { this.end('stopped'); }

    /** Ends it for a reason: 'time', 'size' or 'stopped'. Besides there are 'ended', 'missing' and 'unusable' (it did not start). */
    end(how) {
        if (this.how !== 'ended' || !this.child || this.child.exitCode !== null) return;
        this.how = how;
        this.kill('SIGTERM');
        this.killer = setTimeout(() => this.kill('SIGKILL'), graceMilliseconds);
    }

    kill(signal) {
        try {
            if (groups && this.child.pid) process.kill(-this.child.pid, signal);
            else this.child.kill(signal);
        } catch { /* It has ended already. */ }
    }

    collect(list, chunk) {
        this.bytes += chunk.length;
        if (this.bytes > mostBytes) this.end('size');
        else list.push(chunk);
    }

    failed(error) {
        this.how = error.code === 'ENOENT' ? 'missing' : 'unusable';
        this.errors.push(Buffer.from(`${error.message}\n`));
        this.finish(null);
    }

    finish(status) {
        clearTimeout(this.timer);
        clearTimeout(this.killer);
        this.resolve({ how: this.how, status, output: text(this.output), errors: text(this.errors) });
    }
}

function options(cwd) {
    return {
        cwd, shell: false, detached: groups, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'],
        // On Windows no program of the folder that is checked may come before those of PATH.
        env: { ...process.env, NoDefaultCurrentDirectoryInExePath: '1' },
    };
}

function text(chunks) { return Buffer.concat(chunks).toString('utf8'); }

module.exports = { Run };
