// The worker: keeps an engine, with the test and the class of CPUs that it was asked about last. Every question names both; the
// test's text and code come with the first one.
import { Engine, EngineStopped } from './engine.mjs';

/** The engine, once it has started. */
let started;
let loaded = { key: null, answer: null };
let begun = '';

/** Answers one question about a test; with `at` about a run on the profile of a question. */
function answer(engine, { test, at, call, args }) {
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
            started = Engine.start(data.bytes);
            await started;
            return;
        }
        // Those who wait go on in their order: a test's text comes with the first question about it.
        const engine = await started;
        self.postMessage({ id: data.id, value: answer(engine, data) });
    } catch (error) {
        self.postMessage({ id: data.id ?? 0, stopped: error instanceof EngineStopped, message: String(error?.message ?? error) });
    }
};
