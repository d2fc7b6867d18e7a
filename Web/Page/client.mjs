// Asks a worker. One that is stopped, or whose engine has come to its end, is started again by the next question.

/** Why an answer did not come. */
class NoAnswer extends Error {
    constructor(message, wasStopped) {
        super(message);
        this.wasStopped = wasStopped;
    }
}

class Client {
    constructor(script, bytes) {
        this.script = script;
        this.bytes = bytes;
        this.pending = new Map();
        this.number = 0;
    }

    start() {
        // A worker of a file opened from disk has to come from a blob.
        const address = URL.createObjectURL(new Blob([this.script], { type: 'text/javascript' }));
        this.worker = new Worker(address);
        this.worker.onmessage = ({ data }) => this.receive(data);
        this.worker.onerror = (event) => this.end(event.message || 'the worker failed', false);
        this.worker.postMessage({ bytes: this.bytes });
        this.told = null;
    }

    /** Asks; the promise is for the answer. */
    ask(test, at, call, ...args) {
        if (!this.worker) this.start();
        const id = ++this.number;
        return new Promise((resolve, reject) => {
            this.pending.set(id, { resolve, reject });
            // Machine code may have megabytes: the worker keeps the test that it was asked about last.
            const known = this.told === test.key ? { key: test.key } : test;
            this.told = test.key;
            this.worker.postMessage({ id, test: known, at, call, args });
        });
    }

    receive({ id, value, message }) {
        if (message !== undefined) return this.end(message, false);
        this.pending.get(id)?.resolve(value);
        this.pending.delete(id);
    }

    /** Ends what is under way; who waits for an answer is told. */
    stop() { this.end('stopped', true); }

    end(message, wasStopped) {
        this.worker?.terminate();
        this.worker = undefined;
        const waiting = [...this.pending.values()];
        this.pending.clear();
        for (const { reject } of waiting) reject(new NoAnswer(message, wasStopped));
    }
}
