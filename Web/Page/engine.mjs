// The engine: the checker as WebAssembly, and what little of a system it asks for. Used by the page's worker and by
// Tests/Browser/equality.mjs.

/** What an error of the engine itself is: it can then answer nothing more. */
export class EngineStopped extends Error {}

/** What WASI programs are told where there is no system: a clock and random bytes, no files. */
function system(memory) {
    const view = () => new DataView(memory().buffer);
    const known = {
        clock_time_get(clock, precision, at) {
            const now = clock === 0 ? Date.now() : performance.now();
            view().setBigUint64(at, BigInt(Math.round(now * 1e6)), true);
            return 0;
        },
        random_get(at, length) {
            const bytes = new Uint8Array(memory().buffer, at, length);
            for (let start = 0; start < length; start += 65536) crypto.getRandomValues(bytes.subarray(start, start + 65536));
            return 0;
        },
        fd_write(file, vectors, count, written) {
            let total = 0;
            for (let number = 0; number < count; number++) total += view().getUint32(vectors + number * 8 + 4, true);
            view().setUint32(written, total, true);
            return 0;
        },
        proc_exit(status) { throw new EngineStopped(`the engine ended with status ${status}`); },
    };
    // ENOSYS for everything else.
    return new Proxy(known, { get: (functions, name) => functions[name] ?? (() => 52) });
}

/** The engine; answers are objects (JSON) or texts. */
export class Engine {
    static async start(bytes) {
        let memory;
        const { instance } = await WebAssembly.instantiate(bytes, { wasi_snapshot_preview1: system(() => memory) });
        memory = instance.exports.memory;
        instance.exports._initialize();
        return new Engine(instance.exports);
    }

    constructor(functions) {
        this.functions = functions;
    }

    /** Leaves a text where the engine finds it. */
    input(...texts) {
        const parts = texts.map((text) => (typeof text === 'string' ? new TextEncoder().encode(text) : text));
        const length = parts.reduce((sum, part) => sum + part.length, 0);
        let at = this.functions.ptero_input(length);
        for (const part of parts) {
            new Uint8Array(this.functions.memory.buffer, at, part.length).set(part);
            at += part.length;
        }
        return parts.map((part) => part.length);
    }

    /** Calls a function that answers by a text. */
    text(name, ...numbers) {
        try {
            const length = this.functions[name](...numbers);
            return new TextDecoder().decode(new Uint8Array(this.functions.memory.buffer, this.functions.ptero_output(), length));
        } catch (error) {
            // A trap: out of memory or of stack, or a defect.
            throw new EngineStopped(String(error?.message ?? error));
        }
    }

    json(name, ...numbers) { return JSON.parse(this.text(name, ...numbers)); }

    /** Reads a test; one in C or Swift with its machine code. */
    load(file, text, code = '') {
        const [nameLength, codeLength] = this.input(file, code, text);
        return this.json('ptero_load', nameLength, codeLength);
    }

    /** Makes the next search, within so many seconds (0: without end). */
    checkNext(seconds) { return this.json('ptero_check_next', seconds); }

    /** What `ptero check` prints. */
    report() { return this.text('ptero_report'); }

    /** The run that was found for a verdict, as a replay string of the literal machine. */
    witness(question, profile) { return this.json('ptero_witness', question, profile); }

    /** Begins a run. */
    explore(question, profile) { return this.json('ptero_explore', question, profile); }

    /** Goes where a replay string leads. */
    go(replay) {
        this.input(replay);
        return this.json('ptero_go');
    }

    /** The run as SVG. */
    picture(theme) {
        this.input(theme);
        return this.text('ptero_picture');
    }

    /** What can come after a replay string. */
    outlook(replay, seconds, states) {
        this.input(replay);
        return this.json('ptero_outlook', seconds, states);
    }

    /** A shortest way to what the condition asks about, after a replay string. */
    way(replay, seconds, states) {
        this.input(replay);
        return this.json('ptero_way', seconds, states);
    }
}
