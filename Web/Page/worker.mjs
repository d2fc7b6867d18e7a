// The worker: keeps an engine, with the test and the class of CPUs that it was asked about last. Every question names both; the
// test's text and code come with the first one.
import { Engine, EngineStopped } from './engine.mjs';

let engine;
let loaded = { key: null, answer: null };
let begun = '';

/** Answers one question about a test; with `at` about a run on the profile of a question. */
function answer({ test, at, call, args }) {
    if (loaded.key !== test.key) {
        begun = '';
        loaded = { key: test.key, answer: engine.load(test.file, test.text, test.code) };
    }
    if (call === 'load') return loaded.answer;
    if (at && begun !== `${at.question} ${at.profile}`) {
        begun = '';
        const start = engine.explore(at.question, at.profile);
        if (start.error) return start;
        begun = `${at.question} ${at.profile}`;
    }
    return engine[call](...args);
}

self.onmessage = async ({ data }) => {
    try {
        if (data.bytes) {
            engine = await Engine.start(data.bytes);
            return;
        }
        while (!engine) await new Promise((resolve) => setTimeout(resolve, 2));
        self.postMessage({ id: data.id, value: answer(data) });
    } catch (error) {
        self.postMessage({ id: data.id ?? 0, stopped: error instanceof EngineStopped, message: String(error?.message ?? error) });
    }
};
