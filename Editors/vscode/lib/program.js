// Runs a program: without a shell, with a time limit, and so that it can be stopped with all that it has started.
'use strict';
const { spawn } = require('node:child_process');

// A search of a large test lists many final states; what is longer than this is no answer that an editor could show.
const mostBytes = 64 * 1024 * 1024;
// How long a program may take to end after it was asked to.
const graceMilliseconds = 2000;

/**
 * Starts a program. `done` is a promise that never fails, of { how, status, output, errors }, where `how` is one of
 * 'ended', 'missing', 'unusable', 'time', 'size', 'stopped'; `stop()` ends it before.
 */
function start(program, programArguments, { cwd, seconds }) {
    const unix = process.platform !== 'win32';
    let how = 'ended';
    let child;
    let end = () => {};
    const done = new Promise((resolve) => {
        const output = [];
        const errors = [];
        let bytes = 0;
        let timer;
        let killer;
        const finish = (status, error) => {
            clearTimeout(timer);
            clearTimeout(killer);
            if (error) errors.push(Buffer.from(`${error.message}\n`));
            resolve({ how, status, output: text(output), errors: text(errors) });
        };
        try {
            // A group of its own, so that compilers that it has started end with it. On Windows no program of the folder that is
            // checked may come before those of PATH.
            child = spawn(program, programArguments, {
                cwd, shell: false, detached: unix, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'],
                env: { ...process.env, NoDefaultCurrentDirectoryInExePath: '1' },
            });
        } catch (error) {
            how = 'unusable';
            finish(null, error);
            return;
        }
        const kill = (signal) => {
            try {
                if (unix && child.pid) process.kill(-child.pid, signal);
                else child.kill(signal);
            } catch { /* It has ended already. */ }
        };
        end = (why) => {
            if (how !== 'ended' || child.exitCode !== null) return;
            how = why;
            kill('SIGTERM');
            killer = setTimeout(() => kill('SIGKILL'), graceMilliseconds);
        };
        const collect = (list) => (chunk) => {
            bytes += chunk.length;
            if (bytes > mostBytes) end('size');
            else list.push(chunk);
        };
        child.stdout.on('data', collect(output));
        child.stderr.on('data', collect(errors));
        child.on('error', (error) => {
            how = error.code === 'ENOENT' ? 'missing' : 'unusable';
            finish(null, error);
        });
        child.on('close', (status, signal) => finish(status ?? signal));
        timer = setTimeout(() => end('time'), seconds * 1000);
    });
    return { done, stop: () => end('stopped') };
}

function text(chunks) { return Buffer.concat(chunks).toString('utf8'); }

module.exports = { start };
