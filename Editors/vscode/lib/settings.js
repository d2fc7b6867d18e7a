// What the user has set, and the command line that follows from it.
'use strict';
const os = require('node:os');
const path = require('node:path');
const vscode = require('vscode');

/** The settings for a document. What a workspace sets counts only where it is trusted; package.json says so of each setting. */
function of(document) {
    const values = vscode.workspace.getConfiguration('ptero', document.uri);
    const program = String(values.get('path') || 'ptero');
    const more = values.get('arguments');
    const seconds = Number(values.get('timeLimit'));
    return {
        automatic: values.get('checkAutomatically') !== false,
        program: program.startsWith('~/') ? path.join(os.homedir(), program.slice(2)) : program,
        more: Array.isArray(more) ? more.map(String) : [],
        // A timer takes no more than 24 days.
        seconds: seconds > 0 ? Math.min(seconds, 86_400) : 60,
        cwd: vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath ?? path.dirname(document.fileName),
    };
}

const compilerOptions = ['--kernel-tree', '--kernel-source', '--clang', '--cflags', '--swift', '--swiftc', '--swiftflags'];

/** Of the arguments those that say how a test in C or Swift is compiled: `ptero explore` has no others. */
function forCompilers(words) {
    return words.flatMap((word, at) => {
        if (compilerOptions.includes(word)) return words.slice(at, at + 2);
        return compilerOptions.some((name) => word.startsWith(`${name}=`)) ? [word] : [];
    });
}

/** Whether Ptero can be asked about a document: a litmus test that is a file of this machine, which the user trusts. */
function takes(document) {
    return document.languageId === 'litmus' && document.uri.scheme === 'file' && vscode.workspace.isTrusted;
}

module.exports = { forCompilers, of, takes };
